/** The receiving side of the queue. */
import type { JobStore } from "@platform/shared/job_store";
import type { Logger } from "@platform/shared/log";
import { ATTEMPTS, type JobData, QUEUE_NAME, type Redis } from "@platform/shared/queue";
import { errorText, pause } from "@platform/shared/time";
import type { Job } from "bullmq/dist/esm/classes/job.js";
import { DelayedError } from "bullmq/dist/esm/classes/errors/delayed-error.js";
import { WaitingError } from "bullmq/dist/esm/classes/errors/waiting-error.js";
import { Worker } from "bullmq/dist/esm/classes/worker.js";
import { HandedBack, type JobProcessor, NotNow } from "./job_processor.ts";

// A worker that dies keeps a job's lock for at most 10 s; within 5 s more another one (or itself, restarted) finds it.
const LOCK_MS = 10_000;
const STALLED_CHECK_MS = 5_000;
// How many workers may die of one job before it is given up.
const DEATHS = 20;
const LATER_MS = 2_000;
// How long telling Redis about the end of the jobs may take.
const GOODBYE_MS = 3_000;
// How long stopping the tasks and telling Redis may take; what is not back by then is found by its lock.
const HAND_BACK_MS = 5_000;

export interface QueueWorkerOptions {
  readonly redis: Redis;
  readonly processor: JobProcessor;
  readonly store: Pick<JobStore, "fail">;
  readonly atOnce: number;
  readonly log: Logger;
}

export interface QueueWorker {
  /** Takes no new job and waits for the running ones. */
  close(): Promise<void>;
  /** Takes no new job and gives the running ones back to the queue, each as the same attempt. */
  handBack(): Promise<void>;
}

/** Starts to take jobs. */
export function startQueueWorker({ redis, processor, store, atOnce, log }: QueueWorkerOptions): QueueWorker {
  const running = new Set<Promise<void>>();
  const handingBack = new AbortController();
  const run = (job: Job<JobData>, token: string | undefined) => {
    const delivery = deliver(processor, job, token, handingBack.signal).finally(() => running.delete(delivery));
    running.add(delivery);
    return delivery;
  };
  const worker = new Worker<JobData>(QUEUE_NAME, run, {
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
  const handBack = async () => {
    // First of all, or this worker would take the jobs again.
    const closed = close(worker, running);
    handingBack.abort();
    await Promise.race([closed, pause(HAND_BACK_MS)]);
  };
  return { close: () => close(worker, running), handBack };
}

/** Without Redis, BullMQ would wait for it for good; the results are in the database by then. */
async function close(worker: Worker<JobData>, running: ReadonlySet<Promise<void>>): Promise<void> {
  const goodbye = Promise.allSettled(running).then(() => pause(GOODBYE_MS));
  await Promise.race([worker.close(), goodbye]);
}

async function deliver(
  processor: JobProcessor,
  job: Job<JobData>,
  token: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (job.id === undefined) throw new Error("the queue delivered a job without an id");
  const attempts = job.opts.attempts ?? ATTEMPTS;
  try {
    await processor.process({
      id: job.id,
      attempt: job.attemptsMade + 1,
      lastAttempt: job.attemptsMade + 1 >= attempts,
      signal,
    });
  } catch (error) {
    if (error instanceof HandedBack) {
      await job.moveToWait(token);
      throw new WaitingError();
    }
    if (!(error instanceof NotNow)) throw error;
    await job.moveToDelayed(Date.now() + LATER_MS, token);
    throw new DelayedError();
  }
}
