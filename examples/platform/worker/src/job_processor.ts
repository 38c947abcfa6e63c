/** What happens with one job: start it, run its task, write the result, once. */
import { DatabaseUnavailable } from "@platform/shared/database";
import { type FetchError, type FetchResult, parseFetchResult } from "@platform/shared/fetch_result";
import type { JobStore } from "@platform/shared/job_store";
import type { Logger } from "@platform/shared/log";
import { errorText } from "@platform/shared/time";
import type { Metrics } from "./metrics.ts";
import { RunnerUnavailable, type TaskOutcome, type TaskRunner } from "./task_runner.ts";

/** One delivery of a job by the queue. */
export interface Delivery {
  readonly id: string;
  /** From 1. */
  readonly attempt: number;
  readonly lastAttempt: boolean;
  /** When it is aborted, the job goes back to the queue. */
  readonly signal: AbortSignal;
}

/** Nothing is wrong with the job: deliver it again later, as the same attempt. */
export class NotNow extends Error {
  override readonly name = "NotNow";
}

/** Nothing is wrong with the job: deliver it again at once, to another worker, as the same attempt. */
export class HandedBack extends Error {
  override readonly name = "HandedBack";
}

/** The attempt failed: deliver the job again, as the next one. */
export class AttemptFailed extends Error {
  override readonly name = "AttemptFailed";
}

export interface ProcessorOptions {
  readonly store: Pick<JobStore, "start" | "postpone" | "release" | "finish" | "fail">;
  readonly runner: TaskRunner;
  readonly metrics: Pick<Metrics, "ended" | "fetched">;
  readonly log: Logger;
  readonly task: string;
  readonly timeoutSeconds: number;
}

// The task keeps its own limit and says so; this one is for a task that does not.
const KILL_MARGIN_MS = 3_000;

export class JobProcessor {
  readonly #options: ProcessorOptions;
  readonly #running = new Map<string, Promise<void>>();

  constructor(options: ProcessorOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the job has its result, or is given up.
   * A job that the queue delivers again while it runs here (its lock ran out while Redis was away) is not run twice.
   * @throws NotNow, HandedBack, AttemptFailed
   */
  process(delivery: Delivery): Promise<void> {
    const running = this.#running.get(delivery.id);
    if (running !== undefined) return running;
    const work = this.#process(delivery).finally(() => this.#running.delete(delivery.id));
    this.#running.set(delivery.id, work);
    return work;
  }

  async #process(delivery: Delivery): Promise<void> {
    const log = this.#options.log.child({ job: delivery.id });
    try {
      await this.#attempt(delivery, log);
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable || error instanceof RunnerUnavailable)) throw error;
      this.#options.metrics.ended("waiting");
      log.warn({ reason: errorText(error) }, "the job has to wait");
      throw new NotNow(errorText(error), { cause: error });
    }
  }

  async #attempt(delivery: Delivery, log: Logger): Promise<void> {
    const { id, attempt, lastAttempt } = delivery;
    const { store, metrics } = this.#options;
    const url = await store.start(id, attempt);
    if (url === null) return log.info("the job is finished already");
    log.info({ attempt, url }, "job started");
    const result = await this.#run(delivery, url, log);
    if (result === null) {
      await store.release(id, attempt);
      metrics.ended("handed back");
      log.info({ attempt }, "the job goes back to the queue");
      throw new HandedBack();
    }
    if (result.ok) {
      await store.finish(id, result);
      metrics.ended("done");
      return log.info({ milliseconds: result.milliseconds, status: result.status }, "job done");
    }
    const { error } = result;
    const reason = `${error.code}: ${error.message}`;
    if (error.permanent || lastAttempt) {
      await store.fail(id, reason);
      metrics.ended("failed");
      return log.warn({ attempt, reason }, "job failed");
    }
    await store.postpone(id, reason);
    metrics.ended("retried");
    log.warn({ attempt, reason }, "attempt failed, the job will be tried again");
    throw new AttemptFailed(reason);
  }

  /** null: the delivery's signal was aborted before there was a result. @throws RunnerUnavailable */
  async #run({ id, signal }: Delivery, url: string, log: Logger): Promise<FetchResult | null> {
    const { runner, task, metrics, timeoutSeconds } = this.#options;
    if (signal.aborted) return null;
    const started = performance.now();
    try {
      const outcome = await runner.run({
        task,
        job: id,
        command: ["--job", id, "--url", url],
        limitMs: timeoutSeconds * 1_000 + KILL_MARGIN_MS,
        signal,
        log: log.child({ task }),
      });
      const result = resultOf(outcome, timeoutSeconds);
      metrics.fetched(task, result.ok, (performance.now() - started) / 1_000);
      return result;
    } catch (error) {
      if (signal.aborted) return null;
      if (error instanceof RunnerUnavailable) throw error;
      return failure("task", errorText(error));
    }
  }
}

/** Reads the task's result; a task without one has crashed. */
export function resultOf(outcome: TaskOutcome, timeoutSeconds: number): FetchResult {
  if (outcome.exitCode === null) return failure("timeout", `the task was killed after ${timeoutSeconds} s`);
  try {
    return parseFetchResult(outcome.result);
  } catch (error) {
    return failure("crash", `the task ended with exit code ${outcome.exitCode}: ${errorText(error)}`);
  }
}

function failure(code: string, message: string): { ok: false; error: FetchError } {
  return { ok: false, error: { code, message, permanent: false } };
}
