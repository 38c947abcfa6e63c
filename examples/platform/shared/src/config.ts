/** Settings from the environment, read once at the start; all problems are reported together. */
import { readFileSync } from "node:fs";

export type Env = Readonly<Record<string, string | undefined>>;
type ReadFile = (path: string) => string;

/** Settings are missing or wrong: one line for each, with the variable, what was found and what is expected. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Reads single variables. An empty variable counts as not set. */
export class ConfigReader {
  readonly problems: string[] = [];
  readonly #env: Env;
  readonly #readFile: ReadFile;

  constructor(env: Env, readFile: ReadFile) {
    this.#env = env;
    this.#readFile = readFile;
  }

  text(name: string, fallback: string): string {
    return this.#env[name] || fallback;
  }

  /** @param expected what it is, for the report */
  required(name: string, expected: string): string {
    return this.#env[name] || this.#problem(name, undefined, expected, "");
  }

  integer(name: string, limits: { min: number; max: number; fallback?: number }): number {
    const expected = `a whole number, ${limits.min} to ${limits.max}`;
    const found = this.#env[name];
    if (!found) return limits.fallback ?? this.#problem(name, found, expected, NaN);
    const value = /^\d{1,15}$/.test(found) ? Number(found) : NaN;
    if (value >= limits.min && value <= limits.max) return value;
    return this.#problem(name, found, expected, NaN);
  }

  /** Without a fallback it has to be set. */
  choice<T extends string>(name: string, choices: readonly [T, ...T[]], fallback?: T): T {
    const found = this.#env[name];
    if (!found && fallback !== undefined) return fallback;
    const chosen = choices.find((choice) => choice === found);
    return chosen ?? this.#problem(name, found, `one of ${choices.join(", ")}`, choices[0]);
  }

  /** @param protocols such as "http:" */
  url(name: string, protocols: readonly string[]): string {
    const found = this.#env[name];
    const expected = `a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`;
    const url = URL.parse(found ?? "");
    if (found && url && protocols.includes(url.protocol)) return found;
    // A URL may hold a password.
    return this.#problem(name, found && url ? `${url.protocol}//…` : found, expected, "");
  }

  /** The content of the file that `<name>_FILE` names, else the variable itself; undefined if empty or not set. */
  secret(name: string): string | undefined {
    const path = this.#env[`${name}_FILE`];
    if (!path) return this.#env[name] || undefined;
    try {
      return this.#readFile(path).trim() || undefined;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
      return this.#problem(`${name}_FILE`, `${path} (${code})`, "the path of a readable file", undefined);
    }
  }

  /** Parses `text` with a function that throws an Error which says what is expected. */
  parsed<T>(name: string, fallback: string, parse: (text: string) => T): T | undefined {
    const found = this.text(name, fallback);
    try {
      return parse(found);
    } catch (error) {
      return this.#problem(name, found, error instanceof Error ? error.message : String(error), undefined);
    }
  }

  /** What only the caller can tell. @param found undefined for nothing; never a secret */
  wrong(name: string, found: string | undefined, expected: string): void {
    this.#problem(name, found, expected, undefined);
  }

  #problem<T>(name: string, found: string | undefined, expected: string, placeholder: T): T {
    const what = found ? JSON.stringify(found) : "nothing";
    this.problems.push(`${name}: found ${what}, expected ${expected}`);
    return placeholder;
  }
}

/** @throws ConfigError that names every variable which is missing or wrong. */
export function readConfig<T>(
  env: Env,
  read: (reader: ConfigReader) => T,
  readFile: ReadFile = (path) => readFileSync(path, "utf8"),
): T {
  const reader = new ConfigReader(env, readFile);
  const config = read(reader);
  if (reader.problems.length > 0) throw new ConfigError(reader.problems.join("\n"));
  return config;
}
