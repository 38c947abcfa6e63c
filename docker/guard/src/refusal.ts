/** A request that the guard does not let through, with the answer that its sender gets. */

export type RefusalStatus = 400 | 403 | 404 | 413 | 429;

export class Refusal extends Error {
  constructor(
    readonly status: RefusalStatus,
    reason: string,
  ) {
    super(`docker guard: ${reason}`);
  }
}

const SHOWN = 100;

/** A value as it came from the request, quoted and cut, for a message. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
