/** The queue between API and worker: BullMQ on Redis. */
import { RedisClient } from "bun";
// By file: the package's entry pulls in its PostgreSQL backend, 300 kB that nobody here uses.
import { createBunRedisClient } from "bullmq/dist/esm/classes/bun-redis-client.js";
import type { IRedisClient } from "bullmq/dist/esm/interfaces/redis-client.js";
import type { DefaultJobOptions } from "bullmq/dist/esm/interfaces/base-job-options.js";
import { Queue } from "bullmq/dist/esm/classes/queue.js";
import type { Logger } from "./log.ts";
import { errorText, withTimeout } from "./time.ts";

export const QUEUE_NAME = "fetch";

/** The job id is the queue's own; everything else stands in the database. */
export type JobData = Record<string, never>;

/** Tries per job, as long as the failure is not permanent. */
export const ATTEMPTS = 3;

// What is finished is in the database, so the queue forgets it.
const JOB_OPTIONS: DefaultJobOptions = {
  attempts: ATTEMPTS,
  backoff: { type: "exponential", delay: 1_000 },
  removeOnComplete: true,
  removeOnFail: true,
};

const CONNECT_LIMIT_MS = 3_000;
const SETTLE_LIMIT_MS = 2_000;
// Redis may be away for any time; commands wait for it.
const ALWAYS = 2 ** 31 - 1;

export interface Redis {
  /** For BullMQ. */
  readonly connection: IRedisClient;
  isConnected(): boolean;
  /** Resolves when there is a connection, or after 2 s without one. */
  settled(): Promise<void>;
  /** @throws Error unless Redis answers */
  ping(): Promise<void>;
  close(): void;
}

/** Connects in the background, and again whenever the connection is lost. */
export function openRedis(url: string, password: string | undefined): Redis {
  const first = new RedisClient(withPassword(url, password), {
    connectionTimeout: CONNECT_LIMIT_MS,
    autoReconnect: true,
    maxRetries: ALWAYS,
  });
  const connection = createBunRedisClient(first);
  // Until a queue or a worker listens, an error that nobody hears would end the process.
  connection.on("error", () => {});
  // BullMQ's adapter replaces its client after a refused login; which one it holds is in no type.
  const client = () => (connection as unknown as { readonly raw: RedisClient }).raw;
  return {
    connection,
    isConnected: () => client().connected,
    settled: () => withTimeout(connection.connect(), SETTLE_LIMIT_MS, "connecting").catch(() => undefined),
    ping: async () => {
      // A command would wait for the connection, and for ever.
      if (!client().connected) throw new Error("not connected");
      await client().send("PING", []);
    },
    close: () => connection.disconnect(),
  };
}

export function withPassword(url: string, password: string | undefined): string {
  if (password === undefined) return url;
  const parsed = new URL(url);
  parsed.password = encodeURIComponent(password);
  return parsed.href;
}

/** The side of the queue that adds. */
export interface JobQueue {
  isConnected(): boolean;
  /** Adds the job; if the queue has it already, nothing happens. */
  add(id: string): Promise<void>;
  /** Whether the queue has the job, in whatever state. */
  has(id: string): Promise<boolean>;
  /** Jobs by state. */
  depth(): Promise<Readonly<Record<string, number>>>;
  close(): Promise<void>;
}

export function openQueue(redis: Redis, log: Logger): JobQueue {
  const queue = new Queue<JobData>(QUEUE_NAME, { connection: redis.connection, defaultJobOptions: JOB_OPTIONS });
  queue.on("error", (error) => log.warn({ reason: errorText(error) }, "Redis does not answer"));
  return {
    isConnected: () => redis.isConnected(),
    add: async (id) => {
      await queue.add(QUEUE_NAME, {}, { jobId: id });
    },
    has: async (id) => (await queue.getJobState(id)) !== "unknown",
    depth: async () => {
      if (!redis.isConnected()) throw new Error("Redis is not connected");
      return queue.getJobCounts("waiting", "prioritized", "delayed", "active");
    },
    close: () => queue.close(),
  };
}
