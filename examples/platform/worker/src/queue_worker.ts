/** The receiving side of the queue. */
import type { JobStore } from "@platform/shared/job_store";
import type { Logger } from "@platform/shared/log";
import { ATTEMPTS, type JobData, QUEUE_NAME, type Redis } from "@platform/shared/queue";
import { errorText } from "@platform/shared/time";
import type { Job } from "bullmq/dist/esm/classes/job.js";
import { DelayedError } from "bullmq/dist/esm/classes/errors/delayed-error.js";
import { Worker } from "bullmq/dist/esm/classes/worker.js";
import { type JobProcessor, NotNow } from "./job_processor.ts";

// A worker that dies keeps a job's lock for at most 10 s; within 5 s more another one (or itself, restarted) finds it.
const LOCK_MS = 10_000;
const STALLED_CHECK_MS = 5_000;
// How many workers may die of one job before it is given up.
const DEATHS = 20;
const LATER_MS = 2_000;

export interface QueueWorkerOptions {
  readonly redis: Redis;
  readonly processor: JobProcessor;
  readonly store: Pick<JobStore, "fail">;
  readonly atOnce: number;
  readonly log: Logger;
}

/** Starts to take jobs. */
export function startQueueWorker({ redis, processor, store, atOnce, log }: QueueWorkerOptions): Worker<JobData> {
  const worker = new Worker<JobData>(QUEUE_NAME, (job, token) => deliver(processor, job, token), {
    connection: redis.connection,
    concurrency: atOnce,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    maxStalledCount: DEATHS,
  });
  worker.on("error", (error) => log.warn({ reason: errorText(error) }, "Redis does not answer"));
  worker.on("stalled", (id) => log.warn({ job: id }, "the job was left behind, it will be run again"));
  worker.on("failed", (job, error) => {
    // Set by BullMQ where a job was left behind too often: no attempt has said so in the database.
    if (job?.id === undefined || job.deferredFailure === undefined) return;
    const given = { job: job.id, reason: errorText(error) };
    log.error(given, "job given up");
    store.fail(job.id, given.reason).catch((cause) => log.error({ ...given, cause: errorText(cause) }, "cannot say so"));
  });
  return worker;
}

async function deliver(processor: JobProcessor, job: Job<JobData>, token: string | undefined): Promise<void> {
  if (job.id === undefined) throw new Error("the queue delivered a job without an id");
  const attempts = job.opts.attempts ?? ATTEMPTS;
  try {
    await processor.process({
      id: job.id,
      attempt: job.attemptsMade + 1,
      lastAttempt: job.attemptsMade + 1 >= attempts,
    });
  } catch (error) {
    if (!(error instanceof NotNow)) throw error;
    await job.moveToDelayed(Date.now() + LATER_MS, token);
    throw new DelayedError();
  }
}
