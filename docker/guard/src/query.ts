/** Query parameters: only known names, each once, each of its own form; written anew for the Engine. */
import { Refusal, quoted } from "./refusal.ts";

/** Reads one value into what the Engine gets; undefined when the value does not have the form. */
type Reader = (value: string) => string | undefined;

export interface Parameter {
  readonly read: Reader;
  /** What is allowed, for the message. */
  readonly form: string;
}

export type Parameters = Readonly<Record<string, Parameter>>;

const TRUE = new Set(["1", "true"]);
const FALSE = new Set(["0", "false", ""]);

export const flag: Parameter = {
  read: (value) => (TRUE.has(value) ? "1" : FALSE.has(value) ? "0" : undefined),
  form: "1, true, 0 or false",
};

export function matching(pattern: RegExp, form: string): Parameter {
  return { read: (value) => (pattern.test(value) ? value : undefined), form };
}

export function oneOf(...values: readonly string[]): Parameter {
  return { read: (value) => (values.includes(value) ? value : undefined), form: values.join(", ") };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part.replaceAll("+", " "));
  } catch {
    throw new Refusal(400, `the query has ${quoted(part)}, which is not percent-encoded UTF-8`);
  }
}

/** Splits a raw query into decoded pairs, in their order. */
export function pairs(query: string): [string, string][] {
  return query
    .split("&")
    .filter((part) => part !== "")
    .map((part) => {
      const at = part.indexOf("=");
      return at < 0 ? [decoded(part), ""] : [decoded(part.slice(0, at)), decoded(part.slice(at + 1))];
    });
}

/** The names allowed here, for messages. */
export function namesOf(parameters: Parameters): string {
  const names = Object.keys(parameters);
  return names.length === 0 ? "none" : names.join(", ");
}

/**
 * Checks a raw query against the parameters of one call.
 * @throws Refusal for an unknown name (403), a repeated one or a value of another form (400).
 */
export function readQuery(query: string, parameters: Parameters): Record<string, string> {
  const result = new Map<string, string>();
  for (const [name, value] of pairs(query)) {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (parameter === undefined) {
      throw new Refusal(403, `query parameter ${quoted(name)} is not allowed here; allowed: ${namesOf(parameters)}`);
    }
    if (result.has(name)) throw new Refusal(400, `query parameter ${name} stands there twice; once is allowed`);
    const read = parameter.read(value);
    if (read === undefined) {
      throw new Refusal(400, `query parameter ${name} is ${quoted(value)}; allowed: ${parameter.form}`);
    }
    result.set(name, read);
  }
  return Object.fromEntries(result);
}
