import { describe, expect, test } from "bun:test";
import { RedisError, type Ask } from "../src/commands.ts";
import { depthOf, MISSING } from "../src/depth.ts";
import { Meter, type MeteredStore } from "../src/meter.ts";
import type { Queue } from "../src/queues.ts";
import { Unavailable } from "../src/store.ts";
import { keptLog } from "./fixtures.ts";

const TODO: Queue = { store: "redis", name: "todo", type: "list" };
const MAIL: Queue = { store: "redis", name: "mail", type: "list" };

/** A store whose lists have 3 entries; it answers when it is let. */
class GatedStore implements MeteredStore {
  measurings = 0;
  pipelines = 0;
  failure: Error | undefined;
  gate: Promise<void> = Promise.resolve();

  async within<T>(_limitMs: number, work: (ask: Ask) => Promise<T>): Promise<T> {
    this.measurings += 1;
    await this.gate;
    if (this.failure !== undefined) throw this.failure;
    return work(async (commands) => {
      this.pipelines += 1;
      return commands.map(([name]) => (name === "EXISTS" ? 1 : 3));
    });
  }
}

function start() {
  const store = new GatedStore();
  const { lines, log } = keptLog();
  return { store, lines, meter: new Meter([TODO, MAIL], new Map([["redis", store]]), log, 1_000) };
}

describe("one measuring of a queue at a time", () => {
  test("serves all who ask meanwhile", async () => {
    const { store, meter } = start();
    const { promise, resolve } = Promise.withResolvers<void>();
    store.gate = promise;
    const asked = Array.from({ length: 20 }, () => meter.measure(TODO));
    const other = meter.measure(MAIL);
    resolve();
    expect(await Promise.all(asked)).toEqual(Array(20).fill({ depth: depthOf({ waiting: 3 }) }));
    await other;
    expect([store.measurings, store.pipelines]).toEqual([2, 2]);
  });

  test("is over when it is answered: the next one asks anew", async () => {
    const { store, meter } = start();
    await meter.measure(TODO);
    await meter.measure(TODO);
    expect(store.measurings).toBe(2);
  });

  test("is over when it failed, too", async () => {
    const { store, meter } = start();
    store.failure = new Unavailable("connect ECONNREFUSED");
    expect(await meter.measure(TODO)).toEqual({ reason: "connect ECONNREFUSED" });
    store.failure = undefined;
    expect(await meter.measure(TODO)).toEqual({ depth: { ...MISSING, exists: true, waiting: 3, demand: 3 } });
  });
});

test("the log tells only what is new", async () => {
  const { store, meter, lines } = start();
  await meter.measure(TODO);
  store.failure = new Unavailable("connect ECONNREFUSED");
  await meter.measure(TODO);
  await meter.measure(TODO);
  store.failure = new RedisError("LOADING");
  await meter.measure(TODO);
  store.failure = undefined;
  await meter.measure(TODO);
  await meter.measure(TODO);
  expect(lines).toEqual([
    {
      level: "warn",
      msg: "cannot measure the queue",
      fields: { store: "redis", queue: "todo", reason: "connect ECONNREFUSED" },
    },
    { level: "warn", msg: "cannot measure the queue", fields: { store: "redis", queue: "todo", reason: "LOADING" } },
    { level: "info", msg: "the queue can be measured again", fields: { store: "redis", queue: "todo" } },
  ]);
});
