import { describe, expect, test } from "bun:test";
import { createLogger } from "@platform/shared/log";
import { Dispatcher } from "./dispatcher.ts";

const log = createLogger("test", "fatal");

/** A database with these unfinished jobs and a queue that knows some of them. */
function setup(unfinished: readonly string[], known: readonly string[] = []) {
  const queue = { connected: true, failing: false, ids: new Set(known), added: [] as string[] };
  const store = {
    unfinished: async (after: string, _before: Date, limit: number) =>
      unfinished.filter((id) => id > after).slice(0, limit),
  };
  const delivery = {
    isConnected: () => queue.connected,
    has: async (id: string) => queue.ids.has(id),
    add: async (id: string) => {
      if (queue.failing) throw new Error("no answer");
      queue.ids.add(id);
      queue.added.push(id);
    },
  };
  return { queue, dispatcher: new Dispatcher(store, delivery, log) };
}

const ids = (count: number) => Array.from({ length: count }, (_, index) => String(index).padStart(4, "0"));

describe("a new job", () => {
  test("goes to the queue", async () => {
    const { queue, dispatcher } = setup([]);
    await dispatcher.dispatch("a");
    expect(queue.added).toEqual(["a"]);
  });

  test("stays in the database while the queue is away, and that is no error", async () => {
    const { queue, dispatcher } = setup(["a"]);
    queue.connected = false;
    await dispatcher.dispatch("a");
    expect(await dispatcher.round()).toBe(0);
    queue.connected = true;
    queue.failing = true;
    await dispatcher.dispatch("a");
    queue.failing = false;
    expect(await dispatcher.round()).toBe(1);
    expect(queue.added).toEqual(["a"]);
  });
});

describe("a round", () => {
  test("adds only what the queue does not know", async () => {
    const { queue, dispatcher } = setup(["a", "b", "c"], ["a", "c"]);
    expect(await dispatcher.round()).toBe(1);
    expect(queue.added).toEqual(["b"]);
    expect(await dispatcher.round()).toBe(0);
  });

  test("goes through all pages, also where the first ones are long known", async () => {
    const all = ids(450);
    const { queue, dispatcher } = setup(all, all.slice(0, 420));
    const added = [await dispatcher.round(), await dispatcher.round(), await dispatcher.round()];
    expect(added).toEqual([0, 0, 30]);
    queue.ids.delete("0000");
    expect(await dispatcher.round()).toBe(1);
  });

  test("of several replicas adds nothing twice", async () => {
    const { queue, dispatcher } = setup(["a", "b"]);
    await Promise.all([dispatcher.round(), dispatcher.round()]);
    expect(queue.ids).toEqual(new Set(["a", "b"]));
  });
});

test("it stops at once", async () => {
  const { dispatcher } = setup([]);
  dispatcher.start();
  const started = performance.now();
  await dispatcher.stop();
  expect(performance.now() - started).toBeLessThan(500);
});
