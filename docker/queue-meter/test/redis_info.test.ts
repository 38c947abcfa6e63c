import { expect, test } from "bun:test";
import { OddAnswer, RedisError } from "../src/commands.ts";
import { redisInfo } from "../src/redis_info.ts";
import { ScriptedRedis } from "./fixtures.ts";

const MEMORY = "# Memory\r\nused_memory:1048576\r\nused_memory_human:1.00M\r\nmaxmemory:201326592\r\n";
const PERSISTENCE =
  "# Persistence\r\nrdb_last_bgsave_status:ok\r\naof_last_bgrewrite_status:ok\r\naof_last_write_status:err\r\n";
const info = (memory: unknown, persistence: unknown) =>
  redisInfo(new ScriptedRedis({ "INFO memory": memory, "INFO persistence": persistence }).ask);

test("memory and persistence", async () => {
  expect(await info(MEMORY, PERSISTENCE)).toEqual({
    memory_used_bytes: 1048576,
    memory_max_bytes: 201326592,
    aof_last_write_ok: false,
    aof_last_rewrite_ok: true,
    rdb_last_save_ok: true,
  });
});

test("what is missing is no zero", async () => {
  expect(info("# Memory\r\n", PERSISTENCE)).rejects.toThrow(OddAnswer);
  expect(info(MEMORY, "")).rejects.toThrow(OddAnswer);
});

test("a user who may not ask", async () => {
  expect(info(MEMORY, new RedisError("NOPERM"))).rejects.toThrow("NOPERM");
});
