/** From a request to a decision, without any effect: the whole of what a service may ask for stands here. */
import { parseObject, readCreate, refuseOthers } from "./create.ts";
import { LABELS, type Wish } from "./host_config.ts";
import type { ServicePolicy } from "./policy.ts";
import { flag, matching, oneOf, pairs, readQuery, type Parameters } from "./query.ts";
import { Refusal, quoted } from "./refusal.ts";

/** One request as text: the path as received, the query without its question mark, the whole body. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: string;
  /** Whether it asks for another protocol on the connection (hijacking). */
  readonly upgrade: boolean;
}

export type Action = "start" | "wait" | "kill" | "stop" | "logs" | "remove";

export type Decision =
  | { readonly kind: "ping" }
  | { readonly kind: "version" }
  | { readonly kind: "create"; readonly wish: Wish }
  | {
      readonly kind: "list";
      readonly all: boolean;
      readonly labels: readonly string[];
      readonly statuses: readonly string[];
    }
  | {
      readonly kind: "container";
      readonly action: Action;
      readonly id: string;
      readonly query: Readonly<Record<string, string>>;
    }
  | { readonly kind: "refuse"; readonly refusal: Refusal };

const SIGNALS = ["HUP", "INT", "KILL", "QUIT", "TERM", "USR1", "USR2"].flatMap((name) => [name, `SIG${name}`]);
const SECONDS = matching(/^\d{1,4}$/, "seconds, 0 to 9999");
const TIME = matching(/^\d{1,12}(?:\.\d{1,9})?$/, "seconds since 1970");

interface Route {
  readonly method: string;
  readonly action: Action;
  readonly suffix: string;
  readonly query: Parameters;
}

/** The calls on one container. */
const ROUTES: readonly Route[] = [
  { method: "POST", action: "start", suffix: "/start", query: {} },
  {
    method: "POST",
    action: "wait",
    suffix: "/wait",
    query: { condition: oneOf("not-running", "next-exit", "removed") },
  },
  { method: "POST", action: "kill", suffix: "/kill", query: { signal: oneOf(...SIGNALS) } },
  { method: "POST", action: "stop", suffix: "/stop", query: { t: SECONDS, signal: oneOf(...SIGNALS) } },
  {
    method: "GET",
    action: "logs",
    suffix: "/logs",
    query: {
      follow: flag,
      stdout: flag,
      stderr: flag,
      timestamps: flag,
      since: TIME,
      until: TIME,
      tail: matching(/^(?:all|\d{1,9})$/, "all or a number"),
    },
  },
  { method: "DELETE", action: "remove", suffix: "", query: { v: flag, force: flag } },
];

const ALLOWED =
  "GET /_ping, GET /version, POST /containers/create, GET /containers/json, " +
  ROUTES.map((route) => `${route.method} /containers/{id}${route.suffix}`).join(", ");

/** dockerode repeats the fields of a create request in its query, where the Engine does not read them: nor does the guard. */
const REPEATED_IN_QUERY = ["Image", "Cmd", "Labels"];

const LIST_QUERY: Parameters = { all: flag, filters: { read: (value) => value, form: "JSON" } };
const STATUSES = ["created", "running", "paused", "restarting", "removing", "exited", "dead"];
const LABEL_FILTER = /^[a-z.]+=[A-Za-z0-9_.:-]{1,128}$/;

function withoutVersion(path: string): string {
  return path.replace(/^\/v1\.\d{1,2}(?=\/)/, "");
}

function create(call: Call, service: ServicePolicy): Decision {
  const wish = readCreate(call.body, service);
  const other = pairs(call.query).find(([name]) => !REPEATED_IN_QUERY.includes(name));
  if (other === undefined) return { kind: "create", wish };
  throw new Refusal(403, `query parameter ${quoted(other[0])} is not allowed here; allowed: none`);
}

/** The values of one filter, from a list or from the older map of value to true. */
function filterValues(filter: unknown, name: string): readonly string[] {
  const values = typeof filter === "object" && filter !== null && !Array.isArray(filter) ? Object.keys(filter) : filter;
  if (!Array.isArray(values) || values.length > 16 || !values.every((value) => typeof value === "string")) {
    throw new Refusal(400, `filter ${name} is ${quoted(filter)}; allowed: a list of at most 16 strings`);
  }
  return values;
}

function labelFilters(filter: unknown): readonly string[] {
  const values = filterValues(filter, "label");
  const other = values.find(
    (value) =>
      !LABEL_FILTER.test(value) || !([LABELS.owner, LABELS.job] as string[]).includes(value.split("=", 1)[0] ?? ""),
  );
  if (other === undefined) return values;
  throw new Refusal(403, `label filter ${quoted(other)} is not allowed; allowed: ${LABELS.owner}=…, ${LABELS.job}=…`);
}

function statusFilters(filter: unknown): readonly string[] {
  const values = filterValues(filter, "status");
  const other = values.find((value) => !STATUSES.includes(value));
  if (other === undefined) return values;
  throw new Refusal(400, `status filter ${quoted(other)} is not known; allowed: ${STATUSES.join(", ")}`);
}

function list(call: Call): Decision {
  const query = readQuery(call.query, LIST_QUERY);
  const filters = query.filters ? parseObject(query.filters, "query parameter filters") : {};
  refuseOthers(filters, ["label", "status"]);
  return {
    kind: "list",
    all: query.all === "1",
    labels: filters.label === undefined ? [] : labelFilters(filters.label),
    statuses: filters.status === undefined ? [] : statusFilters(filters.status),
  };
}

function containerId(id: string, service: ServicePolicy): string {
  if (/^[0-9a-f]{12,64}$/.test(id)) return id;
  const named = /^(.+)-[0-9a-f]{12}$/.exec(id)?.[1];
  const own = [...service.tasks.keys()].some((task) => named === `${service.project}-${task}`);
  if (own) return id;
  throw new Refusal(
    403,
    `${quoted(id)} is not a container of service ${service.name}; allowed: 12 to 64 hexadecimal digits`,
  );
}

/** A body on a call that needs none: dockerode repeats the query there; the Engine gets nothing of it. */
function checkRepeatedBody(body: string, query: Parameters): void {
  if (body !== "") refuseOthers(parseObject(body, "the body"), Object.keys(query));
}

function onContainer(call: Call, path: string, service: ServicePolicy): Decision | undefined {
  const [, id, suffix = ""] = /^\/containers\/([^/]+)(\/[a-z]+)?$/.exec(path) ?? [];
  const route = ROUTES.find((one) => one.method === call.method && one.suffix === suffix);
  if (id === undefined || route === undefined) return undefined;
  const checked = containerId(id, service);
  checkRepeatedBody(call.body, route.query);
  return { kind: "container", action: route.action, id: checked, query: readQuery(call.query, route.query) };
}

function withoutInput(call: Call, decision: Decision): Decision {
  readQuery(call.query, {});
  checkRepeatedBody(call.body, {});
  return decision;
}

function route(call: Call, service: ServicePolicy): Decision {
  if (call.upgrade) throw new Refusal(403, "the request asks for another protocol (Upgrade); plain HTTP is allowed");
  const path = withoutVersion(call.path);
  switch (`${call.method} ${path}`) {
    case "GET /_ping":
    case "HEAD /_ping":
      return withoutInput(call, { kind: "ping" });
    case "GET /version":
      return withoutInput(call, { kind: "version" });
    case "POST /containers/create":
      return create(call, service);
    case "GET /containers/json":
      checkRepeatedBody(call.body, {});
      return list(call);
  }
  const decision = onContainer(call, path, service);
  if (decision !== undefined) return decision;
  throw new Refusal(403, `${call.method} ${quoted(call.path)} is not allowed; allowed: ${ALLOWED}`);
}

/** Decides about one request of one service. Never throws: a refusal is a decision. */
export function decide(service: ServicePolicy, call: Call): Decision {
  try {
    return route(call, service);
  } catch (error) {
    if (error instanceof Refusal) return { kind: "refuse", refusal: error };
    throw error;
  }
}
