/** What Redis tells of its memory and of what it writes to its disk: https://redis.io/docs/latest/commands/info/ */
import { OddAnswer, RedisError, type Ask } from "./commands.ts";

export interface RedisInfo {
  readonly memory_used_bytes: number;
  /** 0: no limit. */
  readonly memory_max_bytes: number;
  /** Whether what was written last is on the disk: the append-only file, its rewrite, a snapshot. */
  readonly aof_last_write_ok: boolean;
  readonly aof_last_rewrite_ok: boolean;
  readonly rdb_last_save_ok: boolean;
}

/** @throws RedisError if the user may not ask, OddAnswer */
export async function redisInfo(ask: Ask): Promise<RedisInfo> {
  const answers = await ask([
    ["INFO", "memory"],
    ["INFO", "persistence"],
  ]);
  const refused = answers.find((answer) => answer instanceof RedisError);
  if (refused !== undefined) throw refused;
  const lines = answers.flatMap((answer) => String(answer).split("\r\n"));
  const found = new Map(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]));
  const bytes = (name: string): number => {
    const value = found.get(name) ?? "";
    if (/^\d{1,15}$/.test(value)) return Number(value);
    throw new OddAnswer(`INFO has no number ${name}`);
  };
  const ok = (name: string): boolean => {
    const value = found.get(name);
    if (value === undefined) throw new OddAnswer(`INFO has no ${name}`);
    return value === "ok";
  };
  return {
    memory_used_bytes: bytes("used_memory"),
    memory_max_bytes: bytes("maxmemory"),
    aof_last_write_ok: ok("aof_last_write_status"),
    aof_last_rewrite_ok: ok("aof_last_bgrewrite_status"),
    rdb_last_save_ok: ok("rdb_last_bgsave_status"),
  };
}
