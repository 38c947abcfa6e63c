/** Settings from the environment, read once at the start; all problems are reported together. */
import { readFileSync } from "node:fs";
import { problem, shown } from "./problem.ts";
import { readQueues, type Queue } from "./queues.ts";

export type Env = Readonly<Record<string, string | undefined>>;
export type ReadFile = (path: string) => string;

export interface StoreConfig {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Number of the database. */
  readonly database: number;
  readonly tls: boolean;
  readonly user: string | undefined;
  /** Reads the password again. @throws ConfigError if there is a file that cannot be read or is empty */
  readonly password: () => string | undefined;
}

export interface Config {
  readonly port: number;
  readonly queues: readonly Queue[];
  readonly stores: ReadonlyMap<string, StoreConfig>;
}

/** Settings are missing or wrong: one text for each, with the variable, what was found and what is expected. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(readonly problems: readonly string[]) {
    super(problems.join("; "));
  }
}

const PORT = 8080;
const REDIS_PORT = 6379;
const URL_EXPECTED = "a URL such as redis://redis:6379 or rediss://redis.example:6380/0";

/** The value of a variable; an empty one counts as not set. */
const variable = (env: Env, name: string): string | undefined => env[name] || undefined;

/** @throws ConfigError */
export function readPort(env: Env): number {
  const found = variable(env, "PORT");
  const value = found === undefined ? PORT : /^\d{1,5}$/.test(found) ? Number(found) : 0;
  if (value >= 1 && value <= 65_535) return value;
  throw new ConfigError([problem("PORT", shown(found), "a whole number, 1 to 65535")]);
}

/** @throws ConfigError that names every variable which is missing or wrong */
export function readConfig(env: Env, readFile: ReadFile = (path) => readFileSync(path, "utf8")): Config {
  const problems: string[] = [];
  const tried = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const port = tried(() => readPort(env));
  const read = readQueues(variable(env, "QUEUES"));
  problems.push(...read.problems);
  const stores = read.stores.map((name) => tried(() => readStore(env, name, readFile)));
  if (port === undefined || problems.length > 0) throw new ConfigError(problems);
  const complete = stores.filter((store) => store !== undefined);
  return { port, queues: read.queues, stores: new Map(complete.map((store) => [store.name, store])) };
}

function readStore(env: Env, name: string, readFile: ReadFile): StoreConfig {
  const prefix = name.toUpperCase().replaceAll("-", "_");
  const problems: string[] = [];
  const url = readUrl(`${prefix}_URL`, variable(env, `${prefix}_URL`), problems);
  const user = variable(env, `${prefix}_USER`);
  const file = variable(env, `${prefix}_PASSWORD_FILE`);
  const password = () => (file === undefined ? undefined : readPassword(`${prefix}_PASSWORD_FILE`, file, readFile));
  try {
    password();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems);
  }
  if (user !== undefined && file === undefined) {
    problems.push(problem(`${prefix}_PASSWORD_FILE`, "nothing", `the path of a file, since ${prefix}_USER is set`));
  }
  if (url === undefined || problems.length > 0) throw new ConfigError(problems);
  return { name, ...url, user, password };
}

type Address = Pick<StoreConfig, "host" | "port" | "database" | "tls">;

function readUrl(name: string, found: string | undefined, problems: string[]): Address | undefined {
  const url = URL.parse(found ?? "");
  const database = /^\/?(\d{1,5})?$/.exec(url?.pathname ?? "");
  if (url?.username || url?.password) {
    const expected = `${URL_EXPECTED}; they belong in _USER and _PASSWORD_FILE`;
    problems.push(problem(name, "a user or a password in it", expected));
    return undefined;
  }
  if (!url || !["redis:", "rediss:"].includes(url.protocol) || !url.hostname || !database || url.search || url.hash) {
    // What else is in it may be a password.
    const start = url ? JSON.stringify(`${url.protocol}//${url.host}…`) : "no URL";
    problems.push(problem(name, found === undefined ? "nothing" : start, URL_EXPECTED));
    return undefined;
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port ? Number(url.port) : REDIS_PORT,
    database: Number(database[1] ?? 0),
    tls: url.protocol === "rediss:",
  };
}

function readPassword(name: string, path: string, readFile: ReadFile): string {
  try {
    const password = readFile(path).trim();
    if (password) return password;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    throw new ConfigError([problem(name, `${JSON.stringify(path)} (${code})`, "the path of a readable file")]);
  }
  throw new ConfigError([problem(name, `${JSON.stringify(path)} (empty)`, "the path of a file with a password")]);
}
