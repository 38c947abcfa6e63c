/** The real stores of the tests with services: REDIS_URL and TURSO_URL, which they empty. */
import { Database } from "@platform/shared/database";
import { JobStore } from "@platform/shared/job_store";
import { createLogger } from "@platform/shared/log";
import { RedisClient } from "bun";
import { type JobQueue, openQueue, openRedis, type Redis, withPassword } from "@platform/shared/queue";

const log = createLogger("test", "error");

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: these tests need a Redis and a libSQL server that they may empty`);
  return value;
}

export interface Stores {
  readonly redisUrl: string;
  readonly tursoUrl: string;
  readonly redis: Redis;
  readonly queue: JobQueue;
  readonly database: Database;
  readonly jobs: JobStore;
  empty(): Promise<void>;
}

export async function openStores(): Promise<Stores> {
  const [redisUrl, tursoUrl] = [required("REDIS_URL"), required("TURSO_URL")];
  const redis = openRedis(redisUrl, process.env.REDIS_PASSWORD);
  const queue = openQueue(redis, log);
  const database = new Database({ url: tursoUrl, authToken: process.env.TURSO_AUTH_TOKEN, log });
  const jobs = new JobStore(database);
  await jobs.createSchema();
  const empty = async () => {
    await database.execute("DELETE FROM jobs");
    const client = new RedisClient(withPassword(redisUrl, process.env.REDIS_PASSWORD));
    // The platform's Redis refuses FLUSHDB to programs.
    for (let cursor = "0", first = true; first || cursor !== "0"; first = false) {
      const [next, keys] = (await client.send("SCAN", [cursor, "COUNT", "1000"])) as [string, string[]];
      if (keys.length > 0) await client.send("DEL", keys);
      cursor = next;
    }
    client.close();
  };
  return { redisUrl, tursoUrl, redis, queue, database, jobs, empty };
}
