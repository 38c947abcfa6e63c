/** The worker: takes jobs from the queue, runs the fetcher for each, and writes the results. */
import { Database } from "@platform/shared/database";
import { JobStore } from "@platform/shared/job_store";
import { createLogger, type Logger } from "@platform/shared/log";
import { runProgram } from "@platform/shared/program";
import { openRedis } from "@platform/shared/queue";
import { errorText, pause } from "@platform/shared/time";
import { TASK, workerConfig } from "./config.ts";
import { DockerRunner } from "./docker_runner.ts";
import { Heartbeat, heartbeatFile } from "./heartbeat.ts";
import { JobProcessor } from "./job_processor.ts";
import { startQueueWorker } from "./queue_worker.ts";
import { RunnerUnavailable, type TaskRunner } from "./task_runner.ts";

const FIRST_SWEEP_TRIES = 30;
const FIRST_SWEEP_PAUSE_MS = 1_000;
const SWEEP_INTERVAL_MS = 30_000;
// What remains to be done for a job when its task has ended.
const GRACE_BEYOND_TASK_MS = 20_000;

await runProgram("worker", async () => {
  const config = workerConfig(process.env);
  const log = createLogger("worker", config.logLevel);
  const database = new Database({ ...config.turso, log });
  const store = new JobStore(database);
  await store.createSchema();

  const runner: TaskRunner = new DockerRunner(config.dockerHost, config.owner, log);
  await firstSweep(runner, log);

  const redis = openRedis(config.redis.url, config.redis.password);
  await redis.settled();
  const { timeoutSeconds, atOnce } = config;
  const processor = new JobProcessor({ store, runner, log, task: TASK, timeoutSeconds });
  const worker = startQueueWorker({ redis, processor, store, atOnce, log });
  const probes = { redis: () => redis.ping(), turso: () => database.ping(), docker: () => runner.ping() };
  const heartbeat = new Heartbeat(heartbeatFile(), probes, log);
  const beating = heartbeat.run();
  const stop = new AbortController();
  const sweeping = keepSweeping(runner, log, stop.signal);
  log.info({ atOnce, timeoutSeconds, owner: config.owner }, "taking jobs");

  const close = async () => {
    // Takes no new job and waits for the running ones.
    await worker.close();
    heartbeat.stop();
    stop.abort();
    await Promise.all([beating, sweeping]);
    redis.close();
    database.close();
  };
  return { log, graceMs: timeoutSeconds * 1_000 + GRACE_BEYOND_TASK_MS, close };
});

/** Removes the tasks of this worker's earlier life; waits for a runner that is still starting. */
async function firstSweep(runner: TaskRunner, log: Logger): Promise<void> {
  for (let left = FIRST_SWEEP_TRIES; ; left -= 1) {
    try {
      return await sweep(runner, log);
    } catch (error) {
      if (!(error instanceof RunnerUnavailable) || left <= 1) throw error;
      log.warn({ reason: errorText(error) }, "waiting for the Docker API");
      await pause(FIRST_SWEEP_PAUSE_MS);
    }
  }
}

/** Removes now and then what could not be removed when its job ended. */
async function keepSweeping(runner: TaskRunner, log: Logger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(SWEEP_INTERVAL_MS, signal);
    await sweep(runner, log).catch((error) => log.warn({ reason: errorText(error) }, "cannot look for tasks left behind"));
  }
}

async function sweep(runner: TaskRunner, log: Logger): Promise<void> {
  const removed = await runner.sweep();
  if (removed > 0) log.info({ removed }, "tasks left behind were removed");
}
