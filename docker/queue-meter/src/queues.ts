/** The variable QUEUES: which queues there are to measure. */
import { problem, shown } from "./problem.ts";

export type Queue = Bullmq | List | Stream;

interface Named {
  readonly store: string;
  readonly name: string;
}

export interface Bullmq extends Named {
  readonly type: "bullmq";
  /** What BullMQ's option `prefix` says. */
  readonly prefix: string;
}

export interface List extends Named {
  readonly type: "list";
}

export interface Stream extends Named {
  readonly type: "stream";
  readonly group: string | undefined;
}

export interface ReadQueues {
  readonly queues: readonly Queue[];
  /** Every store that is named rightly, also by a queue with another problem. */
  readonly stores: readonly string[];
  readonly problems: readonly string[];
}

const TYPES = ["bullmq", "list", "stream"] as const;
const STORE = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;
// Names come into URLs, log lines and metrics.
const TEXT = /^[^\p{Cc}\p{Cs}]{1,200}$/u;
const BULLMQ_NAME = /^[^\p{Cc}\p{Cs}:]{1,200}$/u;

const LIST_EXPECTED = 'a JSON list such as [{"store": "redis", "name": "fetch", "type": "bullmq"}]';
const STORE_EXPECTED = "the name of a store, of lower-case letters, digits and hyphens";
const TEXT_EXPECTED = "a text of 1 to 200 characters";

type Entry = Readonly<Record<string, unknown>>;

export function readQueues(content: string | undefined): ReadQueues {
  const entries = parsed(content);
  if (!Array.isArray(entries) || entries.length === 0) {
    const found = content === undefined ? "nothing" : entries === undefined ? "no JSON" : shown(entries);
    return { queues: [], stores: [], problems: [problem("QUEUES", found, LIST_EXPECTED)] };
  }
  const problems: string[] = [];
  const queues = entries.map((entry, index) => readQueue(entry, `QUEUES[${index}]`, problems));
  const complete = queues.filter((queue) => queue !== undefined);
  complete.forEach((queue, index) => {
    const twin = complete.findIndex((other) => other.store === queue.store && other.name === queue.name);
    if (twin < index) problems.push(`QUEUES: two queues of ${queue.store} have the name ${shown(queue.name)}`);
  });
  const stores = entries.flatMap((entry) => (isEntry(entry) && matches(entry.store, STORE) ? [entry.store] : []));
  return { queues: complete, stores: [...new Set(stores)], problems };
}

function parsed(content: string | undefined): unknown {
  try {
    return content === undefined ? undefined : JSON.parse(content);
  } catch {
    return undefined;
  }
}

const isEntry = (value: unknown): value is Entry =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const matches = (value: unknown, pattern: RegExp): value is string => typeof value === "string" && pattern.test(value);

function readQueue(entry: unknown, path: string, problems: string[]): Queue | undefined {
  if (!isEntry(entry)) {
    problems.push(problem(path, shown(entry), "an object with store, name and type"));
    return undefined;
  }
  const before = problems.length;
  const type = TYPES.find((one) => one === entry.type);
  if (type === undefined) problems.push(problem(`${path}.type`, shown(entry.type), `one of ${TYPES.join(", ")}`));
  const text = (key: string, pattern: RegExp, expected: string, fallback?: string): string => {
    const value = entry[key] ?? fallback;
    if (matches(value, pattern)) return value;
    problems.push(problem(`${path}.${key}`, shown(entry[key]), expected));
    return "";
  };
  const store = text("store", STORE, STORE_EXPECTED);
  // BullMQ takes no colon: it stands between the parts of its keys.
  const name =
    type === "bullmq"
      ? text("name", BULLMQ_NAME, `${TEXT_EXPECTED} without a colon`)
      : text("name", TEXT, TEXT_EXPECTED);
  const queue = typed(type, { store, name }, entry, text);
  problems.push(...unknownKeys(entry, type, path));
  return problems.length === before ? queue : undefined;
}

type ReadText = (key: string, pattern: RegExp, expected: string, fallback?: string) => string;

function typed(type: Queue["type"] | undefined, named: Named, entry: Entry, text: ReadText): Queue | undefined {
  switch (type) {
    case "bullmq":
      return { ...named, type, prefix: text("prefix", TEXT, TEXT_EXPECTED, "bull") };
    case "list":
      return { ...named, type };
    case "stream":
      return { ...named, type, group: entry.group === undefined ? undefined : text("group", TEXT, TEXT_EXPECTED) };
    case undefined:
      return undefined;
  }
}

const OPTIONAL = { bullmq: ["prefix"], list: [], stream: ["group"] } as const;

function unknownKeys(entry: Entry, type: Queue["type"] | undefined, path: string): readonly string[] {
  const optional = type === undefined ? Object.values(OPTIONAL).flat() : OPTIONAL[type];
  const known: readonly string[] = ["store", "name", "type", ...optional];
  return Object.keys(entry)
    .filter((key) => !known.includes(key))
    .map((key) => `${path}.${key}: unknown key, known: ${known.join(", ")}`);
}
