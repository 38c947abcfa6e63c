/**
 * A worker of BullMQ that counts in Redis how often each job was begun (`runs`) and which were finished (`done`). Told to
 * stop, it takes no new job and ends what it has.
 */
// By file: the package's entry brings a database that nobody here uses, and the whole has to fit into a ConfigMap.
import { Worker } from "bullmq/dist/esm/classes/worker.js";

const { QUEUE, HOST, PASSWORD, JOB_MS, AT_ONCE } = process.env;
const connection = { host: HOST, port: 6379, password: PASSWORD, maxRetriesPerRequest: null };
const redis = new Bun.RedisClient(`redis://:${PASSWORD}@${HOST}:6379`);

async function work(job) {
  await redis.send("HINCRBY", ["runs", job.id, "1"]);
  await Bun.sleep(Number(JOB_MS));
  await redis.send("HSET", ["done", job.id, String(Date.now())]);
}

const worker = new Worker(QUEUE, work, { connection, concurrency: Number(AT_ONCE) });
worker.on("error", (error) => console.error(error.message));
worker.on("failed", (_job, error) => console.error(error.message));
await worker.waitUntilReady();
// Ready from here on.
Bun.serve({ port: 8080, fetch: () => new Response("ok") });

process.on("SIGTERM", async () => {
  await worker.close();
  process.exit(0);
});
