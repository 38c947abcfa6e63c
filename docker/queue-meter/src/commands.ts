/** Redis commands and their answers, apart from any connection. */

/** A command's words. */
export type Command = readonly [name: string, ...args: string[]];

/** Sends commands in one pipeline; the answers come in the same order, a RedisError for a command that was refused. */
export type Ask = (commands: readonly Command[]) => Promise<readonly unknown[]>;

/** Redis refused a command; the message is its own, such as `NOPERM …`. */
export class RedisError extends Error {
  override readonly name = "RedisError";

  constructor(
    message: string,
    readonly command?: Command,
  ) {
    super(message);
  }
}

/** Redis answered with something other than its documentation says. */
export class OddAnswer extends Error {
  override readonly name = "OddAnswer";
}

/** @throws RedisError if any command was refused */
export function allDone(answers: readonly unknown[]): readonly unknown[] {
  const refused = answers.find((answer) => answer instanceof RedisError);
  if (refused !== undefined) throw refused;
  return answers;
}

export function whole(answer: unknown): number {
  const value = typeof answer === "string" ? Number(answer) : answer;
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw new OddAnswer(`a whole number was expected, not ${typeof answer}`);
}

/** A score of a sorted set. */
export function score(answer: unknown): number {
  const value = typeof answer === "string" ? Number(answer) : answer;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new OddAnswer(`a number was expected, not ${typeof answer}`);
}

export function list(answer: unknown): readonly unknown[] {
  if (Array.isArray(answer)) return answer;
  throw new OddAnswer(`a list was expected, not ${typeof answer}`);
}

/** Milliseconds since 1970, with a fraction: TIME answers seconds and microseconds. */
export function milliseconds(time: unknown): number {
  const [seconds, micros] = list(time);
  return whole(seconds) * 1000 + whole(micros) / 1000;
}

/** A list of names and values in turn, as the XINFO commands answer. */
export function fields(answer: unknown): ReadonlyMap<string, unknown> {
  const words = list(answer);
  return new Map(words.flatMap((word, index) => (index % 2 === 0 ? [[String(word), words[index + 1]] as const] : [])));
}
