/** The worker: takes jobs from the queue, runs the fetcher for each, and writes the results. */
import { Database, whenAvailable } from "@platform/shared/database";
import { JobStore } from "@platform/shared/job_store";
import { createLogger, type Logger } from "@platform/shared/log";
import { serveMetrics } from "@platform/shared/metrics";
import { runProgram } from "@platform/shared/program";
import { openRedis, type Redis } from "@platform/shared/queue";
import { aborted, errorText, pause } from "@platform/shared/time";
import { type Config, TASK, workerConfig } from "./config.ts";
import { DockerRunner } from "./docker_runner.ts";
import { Heartbeat, heartbeatFile } from "./heartbeat.ts";
import { JobProcessor } from "./job_processor.ts";
import { KubernetesApi } from "./kubernetes/api.ts";
import { KubernetesRunner } from "./kubernetes_runner.ts";
import { Metrics } from "./metrics.ts";
import { startQueueWorker } from "./queue_worker.ts";
import { RunnerUnavailable, type TaskRunner } from "./task_runner.ts";

const FIRST_SWEEP_PAUSE_MS = 1_000;
const SWEEP_INTERVAL_MS = 30_000;
// What remains to be done for a job when its task has ended.
const GRACE_BEYOND_TASK_MS = 20_000;
// Why the worker stops, if a newer version of it takes its jobs.
const SUPERSEDED = "superseded";

interface Parts {
  readonly config: Config;
  readonly log: Logger;
  readonly database: Database;
  readonly store: JobStore;
  readonly redis: Redis;
  readonly runner: TaskRunner;
  readonly metrics: Metrics;
}

await runProgram("worker", async () => {
  const config = workerConfig(process.env);
  const log = createLogger("worker", config.logLevel);
  const database = new Database({ ...config.turso, log });
  const redis = openRedis(config.redis.url, config.redis.password);
  const runner = createRunner(config, log);
  const metrics = new Metrics();
  const metricsServer = serveMetrics(config.metricsPort, () => metrics.scrape());
  const stop = new AbortController();
  const parts = { config, log, database, store: new JobStore(database), redis, runner, metrics };
  let working = Promise.resolve();
  const background = () => (working = work(parts, stop.signal));
  const end = async (reason?: string) => {
    stop.abort(reason);
    await working.finally(() => {
      redis.close();
      database.close();
    });
  };
  const graceMs = config.timeoutSeconds * 1_000 + GRACE_BEYOND_TASK_MS;
  const close = async () => {
    await end();
    await metricsServer.stop();
  };
  return { log, graceMs, background, close, giveWay: () => end(SUPERSEDED) };
});

function createRunner({ runner, owner }: Config, log: Logger): TaskRunner {
  if (runner.kind === "docker") return new DockerRunner(runner.host, owner, log);
  return new KubernetesRunner({ api: new KubernetesApi(runner.url), namespace: runner.namespace, owner, log });
}

/** Waits for the stores and the runner, and takes jobs until `signal` is aborted. */
async function work(parts: Parts, signal: AbortSignal): Promise<void> {
  const { config, log, store, redis, runner, metrics } = parts;
  await whenAvailable(() => store.createSchema(), signal);
  await firstSweep(runner, log, signal);
  await redis.settled();
  if (signal.aborted) return;
  const { timeoutSeconds, atOnce, owner } = config;
  const processor = new JobProcessor({ store, runner, metrics, log, task: TASK, timeoutSeconds });
  const worker = startQueueWorker({ redis, processor, store, atOnce, log });
  const upkeep = new AbortController();
  const living = live(parts, upkeep.signal);
  log.info({ atOnce, timeoutSeconds, owner }, "taking jobs");
  await aborted(signal);
  await (signal.reason === SUPERSEDED ? worker.handBack() : worker.close());
  upkeep.abort();
  await living;
}

/** Shows that the worker lives, and sweeps, until `signal` is aborted. */
async function live({ config, log, database, redis, runner }: Parts, signal: AbortSignal): Promise<void> {
  const probes = { redis: () => redis.ping(), turso: () => database.ping(), [config.runner.kind]: () => runner.ping() };
  const heartbeat = new Heartbeat(heartbeatFile(), probes, log);
  await Promise.all([heartbeat.run(signal), keepSweeping(runner, log, signal)]);
}

/** Removes the tasks of this worker's earlier life; waits for a runner that is still starting. */
async function firstSweep(runner: TaskRunner, log: Logger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      return await sweep(runner, log);
    } catch (error) {
      if (!(error instanceof RunnerUnavailable)) throw error;
      log.warn({ reason: errorText(error) }, "waiting for what runs the tasks");
      await pause(FIRST_SWEEP_PAUSE_MS, signal);
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
