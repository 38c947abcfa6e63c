import { describe, expect, test } from "bun:test";
import { lastDueScore, measureBullmq } from "../src/bullmq.ts";
import { RedisError } from "../src/commands.ts";
import { MISSING } from "../src/depth.ts";
import { ScriptedRedis } from "./fixtures.ts";

const NOW = 1_800_000_000_123;
const KEYS = ["meta", "id", "wait", "paused", "active", "prioritized", "delayed", "failed", "completed"];

/** What a queue that is there and empty answers. */
const EMPTY = {
  TIME: ["1800000000", "123456"],
  [`EXISTS ${KEYS.map((key) => `bull:fetch:${key}`).join(" ")}`]: 2,
  "HGET bull:fetch:meta paused": null,
  "LLEN bull:fetch:active": 0,
  "LRANGE bull:fetch:active -2 -1": [],
  "ZCARD bull:fetch:prioritized": 0,
  "ZRANGE bull:fetch:prioritized 0 0": [],
  "ZCARD bull:fetch:delayed": 0,
  "ZRANGE bull:fetch:delayed 0 0 WITHSCORES": [],
  "ZCARD bull:fetch:failed": 0,
  "LLEN bull:fetch:wait": 0,
  "LRANGE bull:fetch:wait 0 9": [],
  "LRANGE bull:fetch:wait -10 -1": [],
  "LLEN bull:fetch:paused": 0,
  "LRANGE bull:fetch:paused 0 9": [],
  "LRANGE bull:fetch:paused -10 -1": [],
  [`ZCOUNT bull:fetch:delayed -inf ${(BigInt(NOW) + 1n) * 4096n - 1n}`]: 0,
};
const DUE = `ZCOUNT bull:fetch:delayed -inf ${lastDueScore(NOW)}`;

/** The answers about one list of waiting jobs, first entry first. */
function waiting(state: "wait" | "paused", entries: readonly string[]) {
  return {
    [`LLEN bull:fetch:${state}`]: entries.length,
    [`LRANGE bull:fetch:${state} 0 9`]: entries.slice(0, 10),
    [`LRANGE bull:fetch:${state} -10 -1`]: entries.slice(-10),
  };
}

const measured = (answers: object) => measureBullmq(new ScriptedRedis({ ...EMPTY, ...answers }).ask, "bull", "fetch");
/** The answers about a job that waits. @param takenAgo where it was worked on before, in seconds */
const born = (id: string, secondsAgo: number, options: string | null = "{}", takenAgo?: number) => ({
  [`HGET bull:fetch:${id} timestamp`]: String(NOW - secondsAgo * 1000),
  [`HGET bull:fetch:${id} opts`]: options,
  [`HGET bull:fetch:${id} processedOn`]: takenAgo === undefined ? null : String(NOW - takenAgo * 1000),
});
const gone = (id: string) =>
  Object.fromEntries(["timestamp", "opts", "processedOn"].map((field) => [`HGET bull:fetch:${id} ${field}`, null]));
const taken = (id: string, secondsAgo: number) => ({
  [`HGET bull:fetch:${id} processedOn`]: String(NOW - secondsAgo * 1000),
});
const dueFirst = (secondsAgo: number) => ({
  "ZRANGE bull:fetch:delayed 0 0 WITHSCORES": ["5", String((NOW - secondsAgo * 1000) * 4096 + 7)],
});

describe("a queue of BullMQ", () => {
  test("without any key does not exist", async () => {
    const exists = Object.keys(EMPTY).find((command) => command.startsWith("EXISTS")) ?? "";
    expect(await measured({ [exists]: 0 })).toEqual(MISSING);
  });

  test("is there when it is empty", async () => {
    expect(await measured({})).toEqual({ ...MISSING, exists: true });
  });

  test("is told by state, and the demand is what can start and what runs", async () => {
    const depth = await measured({
      ...waiting("wait", ["9", "8", "7"]),
      ...born("7", 12.5),
      "LLEN bull:fetch:active": 2,
      "LRANGE bull:fetch:active -2 -1": ["6", "4"],
      ...taken("4", 7.25),
      "ZCARD bull:fetch:prioritized": 5,
      "ZRANGE bull:fetch:prioritized 0 0": ["3"],
      ...born("3", 99),
      "ZCARD bull:fetch:delayed": 11,
      ...dueFirst(0.5),
      [DUE]: 4,
      "ZCARD bull:fetch:failed": 6,
    });
    expect(depth).toEqual({
      exists: true,
      waiting: 3,
      prioritized: 5,
      delayed: 11,
      due_delayed: 4,
      active: 2,
      paused: false,
      failed: 6,
      oldest_waiting_seconds: 12.5,
      oldest_prioritized_seconds: 99,
      oldest_delayed_seconds: 0.5,
      oldest_active_seconds: 7.25,
      demand: 14,
    });
  });

  test("when paused calls only for what runs", async () => {
    const depth = await measured({
      ...waiting("wait", ["7"]),
      ...born("7", 1),
      "HGET bull:fetch:meta paused": "1",
      "LLEN bull:fetch:active": 2,
      "ZCARD bull:fetch:prioritized": 5,
      [DUE]: 4,
    });
    expect(depth).toMatchObject({ paused: true, waiting: 1, prioritized: 5, due_delayed: 4, demand: 2 });
  });

  test("waits in the list paused too, as versions 4 and 5 have it", async () => {
    const depth = await measured({
      ...waiting("wait", ["9"]),
      ...waiting("paused", ["3", "2"]),
      ...born("9", 1),
      ...born("2", 60),
      "HGET bull:fetch:meta paused": "1",
    });
    expect(depth).toMatchObject({ waiting: 3, oldest_waiting_seconds: 60, demand: 0 });
  });

  test("is measured with two pipelines and no command that changes, runs or walks anything", async () => {
    const redis = new ScriptedRedis({ ...EMPTY, ...waiting("wait", ["7"]), ...born("7", 1) });
    await measureBullmq(redis.ask, "bull", "fetch");
    expect(redis.pipelines).toHaveLength(2);
    const names = new Set(redis.pipelines.flat().map(([name]) => name));
    expect([...names].sort()).toEqual(["EXISTS", "HGET", "LLEN", "LRANGE", "TIME", "ZCARD", "ZCOUNT", "ZRANGE"]);
  });

  test("has the prefix of the application", async () => {
    const answers = Object.entries(EMPTY).map(([command, answer]) => [command.replaceAll("bull:", "{app}:"), answer]);
    const redis = new ScriptedRedis(Object.fromEntries(answers));
    expect(await measureBullmq(redis.ask, "{app}", "fetch")).toMatchObject({ exists: true });
  });

  test("that Redis refuses to tell is no queue of zeros", async () => {
    const refused = measured({ "LLEN bull:fetch:wait": new RedisError("NOPERM no permissions") });
    expect(refused).rejects.toThrow("NOPERM no permissions");
  });
});

describe("markers of version 4 are not jobs", () => {
  // Before the marker, and behind it.
  const between = (older: number, newer: number) => [...Array(older).fill("9"), "0:0", ...Array(newer).fill("8")];
  const cases: [string, string[], number, number | null][] = [
    ["alone", ["0:1800000000000"], 0, null],
    ["at the end", ["9", "8", "0:0"], 2, 20],
    ["at the end of two", ["8", "0:0"], 1, 20],
    ["at the beginning", ["0:0", "9", "8"], 2, 20],
    ["between jobs and LIFO jobs", between(2, 3), 5, 20],
    ["between few jobs and many LIFO jobs", between(9, 500), 509, 20],
    ["between many jobs and few LIFO jobs", between(500, 9), 509, 20],
    ["none", ["9", "8"], 2, 20],
    ["none, but a job's id like one", ["9", "10:1", "8"], 3, 20],
    ["too far from both ends to be seen, which is the documented bound", between(10, 10), 21, 20],
  ];
  test.each(cases)("%s", async (_where, entries, jobs, age) => {
    const depth = await measured({ ...waiting("wait", entries), ...born("8", 20) });
    expect(depth).toMatchObject({ waiting: jobs, oldest_waiting_seconds: age });
  });
});

describe("the age of the next job", () => {
  test("is unknown of a job that was just removed", async () => {
    expect(await measured({ ...waiting("wait", ["7"]), ...gone("7") })).toMatchObject({
      waiting: 1,
      oldest_waiting_seconds: null,
    });
  });

  test("is none of a job from a clock that is ahead", async () => {
    const depth = await measured({ ...waiting("wait", ["7"]), ...born("7", -3) });
    expect(depth.oldest_waiting_seconds).toBe(0);
  });
});

describe("a job waits since a worker could take it", () => {
  const cases: [string, object, number][] = [
    ["from the beginning", born("7", 60, '{"attempts":3,"delay":0}'), 60],
    ["after its delay", born("7", 60, '{"delay":50000}'), 10],
    ["after a delay with a fraction", born("7", 60, '{"delay":50000.5}'), 10],
    ["after its delay and an attempt", born("7", 60, '{"delay":20000}', 10), 10],
    ["after an attempt", born("7", 60, "{}", 10), 10],
    ["though somebody moved it on before its time", born("7", 60, '{"delay":90000}'), 0],
    ["without options", born("7", 60, null), 60],
    ["with options that are no JSON", born("7", 60, "none"), 60],
    ["with options that are a list", born("7", 60, "[1]"), 60],
    ["with a delay in words", born("7", 60, '{"delay":"soon"}'), 60],
    ["with a delay below 0", born("7", 60, '{"delay":-50000}'), 60],
    ["with an endless delay", born("7", 60, '{"delay":1e999}'), 60],
  ];
  test.each(cases)("%s", async (_when, job, seconds) => {
    expect(await measured({ ...waiting("wait", ["7"]), ...job })).toMatchObject({ oldest_waiting_seconds: seconds });
    const foremost = { "ZRANGE bull:fetch:prioritized 0 0": ["7"] };
    expect(await measured({ ...foremost, ...job })).toMatchObject({ oldest_prioritized_seconds: seconds });
  });
});

describe("the age of the other states", () => {
  const LONG = "LRANGE bull:fetch:active -2 -1";

  test("of delayed jobs is 0 while none is due, however far that is", async () => {
    expect(await measured(dueFirst(-3600))).toMatchObject({ oldest_delayed_seconds: 0 });
    // From 2039 on, scores are no exact numbers any more.
    const far = { "ZRANGE bull:fetch:delayed 0 0 WITHSCORES": ["5", "9.3e+15"] };
    expect(await measured(far)).toMatchObject({ oldest_delayed_seconds: 0 });
  });

  test("of active jobs is not a marker's that a worker of version 4 has taken", async () => {
    expect(await measured({ [LONG]: ["4", "0:1800000000000"], ...taken("4", 3) })).toMatchObject({
      oldest_active_seconds: 3,
    });
    expect(await measured({ [LONG]: ["0:1800000000000"] })).toMatchObject({ oldest_active_seconds: null });
  });

  test("is unknown of jobs that were just removed", async () => {
    const there = { [LONG]: ["4"], "ZRANGE bull:fetch:prioritized 0 0": ["3"] };
    expect(await measured({ ...there, ...gone("4"), ...gone("3") })).toMatchObject({
      oldest_active_seconds: null,
      oldest_prioritized_seconds: null,
    });
  });

  test("of a score that is no number is an odd answer", async () => {
    const odd = { "ZRANGE bull:fetch:delayed 0 0 WITHSCORES": ["5", "soon"] };
    expect(measured(odd)).rejects.toThrow("a number was expected");
  });
});

test("what is due ends with the millisecond that has begun", () => {
  expect(lastDueScore(1000.9)).toBe(String(1001 * 4096 - 1));
  expect(lastDueScore(NOW)).toBe(((1_800_000_000_124n) * 4096n - 1n).toString());
});
