import { expect, test } from "bun:test";
import { decide } from "../src/decide.ts";
import { call, worker } from "./fixtures.ts";

/** What a taken-over service may try, and the exact answer. */
export type Attack = [line: string, body: string, status: number, message: string];

/** An id of the right form. */
export const ID = "0123456789abcdef".repeat(4);

/** One test for each attack. */
export function check(attacks: readonly Attack[]): void {
  test.each(attacks as Attack[])("%s %s", (line, body, status, message) => {
    const decision = decide(worker(), call(line, body));
    if (decision.kind !== "refuse") throw new Error(`let through as ${JSON.stringify(decision)}`);
    expect([decision.refusal.status, decision.refusal.message] as [number, string]).toEqual([
      status,
      `docker guard: ${message}`,
    ]);
  });
}
