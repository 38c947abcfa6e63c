import { describe, expect, test } from "bun:test";
import { depthOf } from "../src/depth.ts";
import { Outages } from "../src/outage.ts";
import type { Queue } from "../src/queues.ts";

const TODO: Queue = { store: "redis", name: "todo", type: "list" };
const MAIL: Queue = { store: "redis", name: "mail", type: "list" };
const MEASURED = { depth: depthOf({ waiting: 3 }) };
const AWAY = { reason: "connect ECONNREFUSED" };

function start() {
  const clock = { seconds: 0 };
  return { clock, outages: new Outages(() => clock.seconds * 1000) };
}

describe("while a queue cannot be measured", () => {
  test("that is told at first, then what was measured last, and once a minute again", () => {
    const { clock, outages } = start();
    expect(outages.told(TODO, MEASURED)).toEqual(MEASURED);
    const told = Array.from({ length: 140 }, (_unused, second) => {
      clock.seconds = 5 + second;
      return outages.told(TODO, AWAY);
    });
    const errors = told.flatMap((one, second) => ("stale_seconds" in one ? [] : [second]));
    expect(errors).toEqual([0, 1, 2, 60, 61, 62, 120, 121, 122]);
    expect(told[0]).toEqual(AWAY);
    expect(told[10]).toEqual({ ...MEASURED.depth, stale_seconds: 15, reason: AWAY.reason });
  });

  test("and never was, there is nothing but that", () => {
    const { clock, outages } = start();
    outages.told(MAIL, MEASURED);
    clock.seconds = 30;
    expect(outages.told(TODO, AWAY)).toEqual(AWAY);
  });

  test("a second outage begins anew", () => {
    const { clock, outages } = start();
    outages.told(TODO, MEASURED);
    outages.told(TODO, AWAY);
    clock.seconds = 30;
    expect(outages.told(TODO, AWAY)).toHaveProperty("stale_seconds", 30);
    expect(outages.told(TODO, MEASURED)).toEqual(MEASURED);
    expect(outages.told(TODO, AWAY)).toEqual(AWAY);
  });
});
