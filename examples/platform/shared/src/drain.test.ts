import { describe, expect, test } from "bun:test";
import { Drain } from "./drain.ts";

const TIMES = { quietMs: 60, limitMs: 500 };
const answer = () => new Response("ok");

describe("an answer", () => {
  test("keeps its connection, until the drain", async () => {
    const drain = new Drain(TIMES);
    const handler = drain.wrap(answer);
    expect((await handler()).headers.get("connection")).toBeNull();
    const drained = drain.run();
    expect((await handler()).headers.get("connection")).toBe("close");
    await drained;
  });

  test("that was begun before the drain ends its connection too", async () => {
    const drain = new Drain(TIMES);
    const { promise, resolve } = Promise.withResolvers<Response>();
    const begun = drain.wrap(() => promise)();
    const drained = drain.run();
    resolve(answer());
    expect((await begun).headers.get("connection")).toBe("close");
    await drained;
  });
});

/** How long a drain takes, in milliseconds, while requests come in these intervals. */
async function duration(intervalMs: number): Promise<number> {
  const drain = new Drain(TIMES);
  const handler = drain.wrap(answer);
  const requests = setInterval(handler, intervalMs);
  const begin = performance.now();
  await drain.run();
  clearInterval(requests);
  return performance.now() - begin;
}

describe("a drain", () => {
  test("ends when it has been quiet", async () => {
    const ms = await duration(10_000);
    expect(ms).toBeGreaterThanOrEqual(TIMES.quietMs - 1);
    expect(ms).toBeLessThan(TIMES.limitMs);
  });

  test("has a limit, however many come", async () => {
    const ms = await duration(5);
    expect(ms).toBeGreaterThanOrEqual(TIMES.limitMs - 1);
    expect(ms).toBeLessThan(5_000);
  });
});

test("it is idle when the last handler is through, however that ends", async () => {
  const drain = new Drain(TIMES);
  await drain.idle();
  const { promise, reject } = Promise.withResolvers<Response>();
  const answers = [drain.wrap(answer)(), drain.wrap(() => promise)()];
  let idle = false;
  const waiting = drain.idle().then(() => (idle = true));
  await Bun.sleep(30);
  expect(idle).toBe(false);
  reject(new Error("no"));
  await Promise.allSettled(answers);
  await waiting;
});
