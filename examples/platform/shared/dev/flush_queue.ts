/** Drops the jobs that wait; those that run are left to end. */
import { openRedis, QUEUE_NAME } from "../src/queue.ts";
import { Queue } from "bullmq/dist/esm/classes/queue.js";
import { openDatabase, redis as settings } from "./stores.ts";

const database = openDatabase();
const redis = openRedis(settings.url, settings.password);
await redis.settled();
// The database first: the API puts back into the queue what is queued there.
const { rowsAffected } = await database.execute(
  "UPDATE jobs SET status = 'failed', error = 'the queue was flushed', finished_at = ? WHERE status = 'queued'",
  [new Date().toISOString()],
);
const queue = new Queue(QUEUE_NAME, { connection: redis.connection });
await queue.drain(true);
console.log(`${rowsAffected} waiting jobs were dropped`);
await queue.close();
redis.close();
database.close();
