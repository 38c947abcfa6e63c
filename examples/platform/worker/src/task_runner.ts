/** Where tasks run, by TASK_RUNNER: Docker or Kubernetes. The rest of the worker knows only this. */
import type { Logger } from "@platform/shared/log";

export interface TaskRequest {
  /** The catalog's name of the task. */
  readonly task: string;
  readonly job: string;
  readonly command: readonly string[];
  /** After this the task is killed. */
  readonly limitMs: number;
  /** When it is aborted, the task is stopped and removed. */
  readonly signal: AbortSignal;
  /** Takes the task's own log. */
  readonly log: Logger;
}

export interface TaskOutcome {
  /** null: it was killed at its limit. */
  readonly exitCode: number | null;
  /** The JSON document that it printed, on one line; empty if it printed none. */
  readonly result: string;
}

export interface TaskRunner {
  /** Runs a task to its end and leaves nothing behind. @throws RunnerUnavailable, the reason of an aborted signal */
  run(request: TaskRequest): Promise<TaskOutcome>;
  /** Removes what this worker, or its earlier life, left behind; returns how many. @throws RunnerUnavailable */
  sweep(): Promise<number>;
  /** @throws Error unless tasks can be started */
  ping(): Promise<void>;
}

/** No task can run now, through no fault of the job: the runner is full, or away. */
export class RunnerUnavailable extends Error {
  override readonly name = "RunnerUnavailable";
}
