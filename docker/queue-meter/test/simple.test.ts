import { describe, expect, test } from "bun:test";
import { RedisError } from "../src/commands.ts";
import { MISSING } from "../src/depth.ts";
import { measureList, measureStream } from "../src/simple.ts";
import { ScriptedRedis } from "./fixtures.ts";

const NO_KEY = new RedisError("ERR no such key");

describe("a list", () => {
  test("tells how long it is", async () => {
    const { ask } = new ScriptedRedis({ "EXISTS todo": 1, "LLEN todo": 7 });
    expect(await measureList(ask, "todo")).toEqual({ ...MISSING, exists: true, waiting: 7, demand: 7 });
  });

  test("that is not there does not exist", async () => {
    const { ask } = new ScriptedRedis({ "EXISTS todo": 0, "LLEN todo": 0 });
    expect(await measureList(ask, "todo")).toEqual(MISSING);
  });

  test("of another type is an error", async () => {
    const { ask } = new ScriptedRedis({ "EXISTS todo": 1, "LLEN todo": new RedisError("WRONGTYPE not a list") });
    expect(measureList(ask, "todo")).rejects.toThrow("WRONGTYPE not a list");
  });
});

describe("a stream", () => {
  const GROUP = ["name", "mail", "consumers", 1, "pending", 3, "last-delivered-id", "5-0", "entries-read", 5];
  const measured = (group: string | undefined, groups: unknown, more: object = {}) => {
    const { ask } = new ScriptedRedis({
      TIME: ["100", "0"],
      "EXISTS log": 1,
      "XINFO STREAM log": ["length", 9, "last-generated-id", "99000-1", "first-entry", ["90000-0", ["a", "b"]]],
      "XINFO GROUPS log": groups,
      ...more,
    });
    return measureStream(ask, "log", group);
  };

  test("without a group waits as a whole", async () => {
    expect(await measured(undefined, [])).toEqual({
      ...MISSING,
      exists: true,
      waiting: 9,
      oldest_waiting_seconds: 10,
      demand: 9,
    });
  });

  test("has its group's lag waiting, and active what is not acknowledged", async () => {
    const other = ["name", "other", "pending", 50, "lag", 60];
    expect(await measured("mail", [other, [...GROUP, "lag", 4]])).toEqual({
      ...MISSING,
      exists: true,
      waiting: 4,
      active: 3,
      demand: 7,
    });
  });

  test("tells the age of its first entry if nothing was delivered", async () => {
    expect(await measured("mail", [[...GROUP, "lag", 9]])).toMatchObject({ oldest_waiting_seconds: 10 });
  });

  test("whose lag Redis does not know has at most its length waiting", async () => {
    expect(await measured("mail", [[...GROUP, "lag", null]])).toMatchObject({ waiting: 9, oldest_waiting_seconds: null });
  });

  test("that was delivered to its end has nothing waiting", async () => {
    const atEnd = ["name", "mail", "pending", 0, "last-delivered-id", "99000-1", "lag", null];
    expect(await measured("mail", [atEnd])).toMatchObject({ exists: true, waiting: 0, demand: 0 });
  });

  test("without the group does not exist", async () => {
    expect(await measured("mail", [["name", "other", "pending", 1, "lag", 1]])).toEqual(MISSING);
  });

  test("that is not there does not exist", async () => {
    const missing = { "EXISTS log": 0, "XINFO STREAM log": NO_KEY };
    expect(await measured("mail", NO_KEY, missing)).toEqual(MISSING);
  });

  test("that Redis refuses to tell about is an error", async () => {
    expect(measured("mail", new RedisError("NOPERM no"))).rejects.toThrow("NOPERM no");
  });
});
