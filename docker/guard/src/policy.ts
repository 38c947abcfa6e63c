/** The policy: which service may start which tasks, and how each task runs. Parsed once, at the start. */

export interface TaskPolicy {
  readonly name: string;
  readonly image: string;
  /** How many containers of this task may exist at once, running or about to. */
  readonly atOnce: number;
  readonly timeoutSeconds: number;
  readonly env: Readonly<Record<string, string>>;
  readonly network: string;
  /** uid:gid, never root. */
  readonly user: string;
  readonly memoryBytes: number;
  readonly nanoCpus: number;
  readonly pids: number;
  readonly shmBytes: number;
  /** Mount point to options, as in the Engine's HostConfig.Tmpfs. */
  readonly tmpfs: Readonly<Record<string, string>>;
  readonly seccomp: "chrome" | "default";
}

export interface ServicePolicy {
  readonly project: string;
  readonly name: string;
  /** Path of the unix socket that only this service gets. */
  readonly socket: string;
  readonly tasks: ReadonlyMap<string, TaskPolicy>;
}

export interface Policy {
  readonly project: string;
  readonly services: ReadonlyMap<string, ServicePolicy>;
}

/** The policy cannot be used; the message is one sentence that starts with the path of the fault. */
export class PolicyError extends Error {}

type Fields = Readonly<Record<string, unknown>>;

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;
const IMAGE = /^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254}$/;
const NETWORK = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
const USER = /^[1-9]\d{0,8}:[1-9]\d{0,8}$/;
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const ABSOLUTE = /^(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)+$/;
const TMPFS = /^[a-z0-9=,]{1,200}$/;

/** Networks that are not the task's own: the host's, or one that it would share with strangers. */
const SHARED_NETWORKS = new Set(["host", "bridge", "default", "nat", "container"]);

/** The kernel's sun_path holds 108 bytes with the ending zero (unix(7)). */
const SOCKET_PATH_LIMIT = 107;

const MIB = 2 ** 20;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function fail(path: string, value: unknown, expected: string): never {
  throw new PolicyError(`${path}: ${shown(value)} is not ${expected}`);
}

function object(value: unknown, path: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) fail(path, value, "an object");
  return value as Fields;
}

function record(value: unknown, path: string, keys: readonly string[]): Fields {
  const fields = object(value, path);
  const unknown = Object.keys(fields).find((key) => !keys.includes(key));
  if (unknown !== undefined) throw new PolicyError(`${path}.${unknown}: unknown key, known: ${keys.join(", ")}`);
  const missing = keys.find((key) => !Object.hasOwn(fields, key));
  if (missing !== undefined) throw new PolicyError(`${path}.${missing}: is missing`);
  return fields;
}

function text(value: unknown, path: string, pattern: RegExp, expected: string): string {
  if (typeof value !== "string" || !pattern.test(value)) fail(path, value, expected);
  return value;
}

function integer(value: unknown, path: string, least: number, most: number): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least || value > most) {
    fail(path, value, `a whole number from ${least} to ${most}`);
  }
  return value;
}

function named<T>(
  value: unknown,
  path: string,
  parse: (value: unknown, path: string, name: string) => T,
): Map<string, T> {
  const entries = Object.entries(object(value, path));
  if (entries.length === 0) throw new PolicyError(`${path}: is empty`);
  return new Map(
    entries.map(([name, item]) => {
      text(name, `${path}.${name}`, NAME, "a name of lower-case letters, digits and hyphens");
      return [name, parse(item, `${path}.${name}`, name)];
    }),
  );
}

function texts(value: unknown, path: string, key: [RegExp, string], item: [RegExp, string]): Record<string, string> {
  const pairs = Object.entries(object(value, path)).map(([name, content]) => [
    text(name, `${path}.${name}`, ...key),
    text(content, `${path}.${name}`, ...item),
  ]);
  return Object.fromEntries(pairs);
}

function network(value: unknown, path: string): string {
  const name = text(value, path, NETWORK, "the name of a network");
  if (SHARED_NETWORKS.has(name)) fail(path, value, "a network of the task's own, or none");
  return name;
}

function seccomp(value: unknown, path: string): "chrome" | "default" {
  if (value !== "chrome" && value !== "default") fail(path, value, "chrome or default");
  return value;
}

const TASK_KEYS = [
  "image",
  "atOnce",
  "timeoutSeconds",
  "env",
  "network",
  "user",
  "memoryBytes",
  "nanoCpus",
  "pids",
  "shmBytes",
  "tmpfs",
  "seccomp",
] as const;

function task(value: unknown, path: string, name: string): TaskPolicy {
  const fields = record(value, path, TASK_KEYS);
  return {
    name,
    image: text(fields.image, `${path}.image`, IMAGE, "the name of an image"),
    atOnce: integer(fields.atOnce, `${path}.atOnce`, 1, 1000),
    timeoutSeconds: integer(fields.timeoutSeconds, `${path}.timeoutSeconds`, 1, 86_400),
    env: texts(fields.env, `${path}.env`, [ENV_NAME, "the name of an environment variable"], [/^[^\0]*$/, "a text"]),
    network: network(fields.network, `${path}.network`),
    user: text(fields.user, `${path}.user`, USER, "a numeric uid:gid other than root's, such as 1000:1000"),
    // 6 MiB is the least that the Engine takes.
    memoryBytes: integer(fields.memoryBytes, `${path}.memoryBytes`, 6 * MIB, 2 ** 50),
    nanoCpus: integer(fields.nanoCpus, `${path}.nanoCpus`, 10_000_000, 2 ** 50),
    pids: integer(fields.pids, `${path}.pids`, 1, 1_000_000),
    shmBytes: integer(fields.shmBytes, `${path}.shmBytes`, MIB, 2 ** 50),
    tmpfs: texts(fields.tmpfs, `${path}.tmpfs`, [ABSOLUTE, "an absolute path"], [TMPFS, "a list of mount options"]),
    seccomp: seccomp(fields.seccomp, `${path}.seccomp`),
  };
}

function service(value: unknown, path: string, name: string, project: string): ServicePolicy {
  const fields = record(value, path, ["socket", "tasks"]);
  const socket = text(fields.socket, `${path}.socket`, ABSOLUTE, "an absolute path");
  if (socket.length > SOCKET_PATH_LIMIT) fail(`${path}.socket`, socket, `at most ${SOCKET_PATH_LIMIT} bytes long`);
  return { project, name, socket, tasks: named(fields.tasks, `${path}.tasks`, task) };
}

function json(content: string | undefined): unknown {
  if (content === undefined || content === "") throw new PolicyError("GUARD_POLICY: is not set");
  try {
    return JSON.parse(content);
  } catch {
    throw new PolicyError("GUARD_POLICY: is not JSON");
  }
}

/**
 * Reads the text of GUARD_POLICY.
 * @throws PolicyError for the first fault: an unknown or missing key, a wrong type, a value out of range.
 */
export function parsePolicy(content: string | undefined): Policy {
  const fields = record(json(content), "GUARD_POLICY", ["project", "services"]);
  const project = text(
    fields.project,
    "GUARD_POLICY.project",
    NAME,
    "a name of lower-case letters, digits and hyphens",
  );
  const services = named(fields.services, "GUARD_POLICY.services", (value, path, name) =>
    service(value, path, name, project),
  );
  const sockets = [...services.values()].map((one) => one.socket);
  const twice = sockets.find((socket, index) => sockets.indexOf(socket) !== index);
  if (twice !== undefined) throw new PolicyError(`GUARD_POLICY.services: two of them have the socket ${twice}`);
  return { project, services };
}
