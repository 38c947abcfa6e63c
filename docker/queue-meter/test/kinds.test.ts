import { describe, expect, test } from "bun:test";
import { RedisError, type Command } from "../src/commands.ts";
import { explained } from "../src/kinds.ts";
import { measure } from "../src/meter.ts";
import { ScriptedRedis } from "./fixtures.ts";

const WRONG = "WRONGTYPE Operation against a key holding the wrong kind of value";

describe("of a key of another type is told", () => {
  const cases: [string, Command, unknown, string][] = [
    ["what it is", ["LLEN", "todo"], "string", "the key todo is a string; expected a list"],
    ["a set", ["ZCARD", "todo"], "set", "the key todo is a set; expected a sorted set"],
    ["a sorted set", ["HGET", "todo", "paused"], "zset", "the key todo is a sorted set; expected a hash"],
    ["that no stream", ["XINFO", "STREAM", "todo"], "list", "the key todo is a list; expected a stream"],
    ["only what it should be, when it is gone", ["LLEN", "todo"], "none", "the key todo is no list; expected one"],
    ["only what it should be, when it is right now", ["LLEN", "todo"], "list", "the key todo is no list; expected one"],
    [
      "only what it should be, to a user who may not ask",
      ["ZCARD", "todo"],
      new RedisError("NOPERM User meter has no permissions to run the 'type' command"),
      "the key todo is no sorted set; expected one",
    ],
  ];
  test.each(cases)("%s", async (_what, command, found, expected) => {
    const { ask } = new ScriptedRedis({ "TYPE todo": found });
    const error = await explained(ask, new RedisError(WRONG, command));
    expect(error).toBeInstanceOf(RedisError);
    expect(error.message).toBe(expected);
  });
});

test("a measuring fails with it", async () => {
  const refused = new RedisError(WRONG, ["LLEN", "todo"]);
  const { ask } = new ScriptedRedis({ "EXISTS todo": 1, "LLEN todo": refused, "TYPE todo": "string" });
  const measured = measure(ask, { store: "redis", name: "todo", type: "list" });
  await expect(measured).rejects.toThrow("the key todo is a string; expected a list");
});

test("any other error stays, and nothing is asked", async () => {
  const redis = new ScriptedRedis({});
  const refused = new RedisError("NOPERM User meter has no permissions to run the 'llen' command", ["LLEN", "todo"]);
  expect(await explained(redis.ask, refused)).toBe(refused);
  expect(redis.pipelines).toEqual([]);
});
