/** The body of POST /containers/create: three fields are read, anything else is refused by name. */
import { LABELS, type Wish } from "./host_config.ts";
import type { ServicePolicy } from "./policy.ts";
import { Refusal, quoted } from "./refusal.ts";

const FIELDS: readonly string[] = ["Image", "Cmd", "Labels"];
const OWN_LABELS: readonly string[] = [LABELS.owner, LABELS.job];

const CMD_STRINGS = 64;
const CMD_BYTES = 16 * 1024;
const LABEL_VALUE = /^[A-Za-z0-9_.:-]{1,128}$/;

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @throws Refusal (400) unless the text, named `what` in the message, is one JSON object. */
export function parseObject(text: string, what: string): Fields {
  const value = parsed(text);
  if (!isObject(value)) throw new Refusal(400, `${what} is not a JSON object; one is allowed`);
  return value;
}

/** @throws Refusal (403) that names the first field which is not allowed. */
export function refuseOthers(fields: Fields, allowed: readonly string[]): void {
  const other = Object.keys(fields).find((name) => !allowed.includes(name));
  if (other === undefined) return;
  const known = allowed.length === 0 ? "none" : allowed.join(", ");
  throw new Refusal(403, `field ${quoted(other)} is not allowed here; allowed: ${known}`);
}

function taskName(value: unknown, service: ServicePolicy): string {
  if (typeof value === "string" && service.tasks.has(value)) return value;
  const found =
    value === undefined ? "Image is missing" : `Image ${quoted(value)} is not a task of service ${service.name}`;
  throw new Refusal(403, `${found}; allowed: ${[...service.tasks.keys()].join(", ")}`);
}

function commandLine(value: unknown): readonly string[] {
  if (!Array.isArray(value) || !value.every((part) => typeof part === "string")) {
    throw new Refusal(400, `Cmd is ${quoted(value)}; allowed: a list of strings`);
  }
  if (value.length > CMD_STRINGS) {
    throw new Refusal(403, `Cmd has ${value.length} strings; allowed: ${CMD_STRINGS}`);
  }
  const bytes = value.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
  if (bytes > CMD_BYTES) throw new Refusal(403, `Cmd has ${bytes} bytes; allowed: ${CMD_BYTES}`);
  if (value.some((part) => part.includes("\0"))) throw new Refusal(400, "Cmd has a zero byte; text is allowed");
  return value;
}

function ownLabels(value: unknown): Fields {
  if (!isObject(value)) throw new Refusal(400, `Labels is ${quoted(value)}; allowed: an object`);
  for (const [name, content] of Object.entries(value)) {
    if (!OWN_LABELS.includes(name)) {
      throw new Refusal(403, `label ${quoted(name)} is not allowed; allowed: ${OWN_LABELS.join(", ")}`);
    }
    if (typeof content !== "string" || !LABEL_VALUE.test(content)) {
      throw new Refusal(400, `label ${name} is ${quoted(content)}; allowed: 1 to 128 of A-Z a-z 0-9 _ . : -`);
    }
  }
  return value;
}

/**
 * Reads what a create request asks for.
 * @throws Refusal for anything that is not a task of this service with a short Cmd and the two free labels.
 */
export function readCreate(body: string, service: ServicePolicy): Wish {
  const fields = parseObject(body, "the body");
  refuseOthers(fields, FIELDS);
  const task = taskName(fields.Image, service);
  const labels = fields.Labels === undefined ? {} : ownLabels(fields.Labels);
  const owner = labels[LABELS.owner];
  const job = labels[LABELS.job];
  return {
    task,
    ...(fields.Cmd === undefined ? {} : { cmd: commandLine(fields.Cmd) }),
    ...(typeof owner === "string" ? { owner } : {}),
    ...(typeof job === "string" ? { job } : {}),
  };
}
