/**
 * Tasks as Kubernetes Jobs, in a namespace of their own. What a task is stands in a suspended CronJob of its name: image,
 * limits and isolation are the cluster's; the runner adds the arguments and two labels.
 *
 * Nothing is left behind. A Job is removed when its task ended. A worker that was restarted in its pod keeps the pod's name
 * and sweeps what its earlier life left. What a lost pod left is removed before its job is run again, since a job's Job has
 * always the same name; and whatever is never run again, by the template's `activeDeadlineSeconds` and
 * `ttlSecondsAfterFinished`.
 */
import type { Logger } from "@platform/shared/log";
import { errorText, pause, TimeoutError, unlessAborted } from "@platform/shared/time";
import { ApiError, type KubernetesApi } from "./kubernetes/api.ts";
import { type CronJob, type Job, JOB_LABEL, jobFrom, jobName, type JobList, OWNER_LABEL } from "./kubernetes/objects.ts";
import { PodLog } from "./kubernetes/pod_log.ts";
import { PodWatch } from "./kubernetes/pod_watch.ts";
import { LINE_LIMIT_BYTES, LineSplitter, TaskOutput } from "./task_output.ts";
import { RunnerUnavailable, type TaskOutcome, type TaskRequest, type TaskRunner } from "./task_runner.ts";

// For the schedule and the first pull of an image.
const START_LIMIT_MS = 60_000;
const CREATE_TRIES = 3;
const REMOVE_TRIES = 3;
const AGAIN_MS = 500;
/** The Job itself was refused: no other time will do. All else is the platform's: rights, quotas, a missing template. */
const WRONG_JOB: readonly (number | null)[] = [400, 413, 422];

export interface KubernetesRunnerOptions {
  readonly api: KubernetesApi;
  /** Of the tasks. */
  readonly namespace: string;
  /** The name of this worker's pod. */
  readonly owner: string;
  readonly log: Logger;
  /** How long a task may take to start. */
  readonly startLimitMs?: number;
}

export class KubernetesRunner implements TaskRunner {
  readonly #api: KubernetesApi;
  readonly #namespace: string;
  readonly #batch: string;
  readonly #owner: string;
  readonly #log: Logger;
  readonly #startLimitMs: number;
  /** Whose tasks are running here now. */
  readonly #jobs = new Set<string>();

  constructor({ api, namespace, owner, log, startLimitMs = START_LIMIT_MS }: KubernetesRunnerOptions) {
    this.#api = api;
    this.#namespace = namespace;
    this.#batch = `/apis/batch/v1/namespaces/${namespace}`;
    this.#owner = owner;
    this.#log = log;
    this.#startLimitMs = startLimitMs;
  }

  async run(request: TaskRequest): Promise<TaskOutcome> {
    this.#jobs.add(request.job);
    try {
      const job = await this.#create(request);
      try {
        return await this.#follow(job, request);
      } finally {
        await this.#remove(job, request.log);
      }
    } finally {
      this.#jobs.delete(request.job);
    }
  }

  async sweep(): Promise<number> {
    const selector = encodeURIComponent(`${OWNER_LABEL}=${this.#owner}`);
    const { items } = await this.#call<JobList>("list", "GET", `${this.#batch}/jobs?labelSelector=${selector}`);
    const left = items.filter(({ metadata }) => !this.#jobs.has(metadata.labels?.[JOB_LABEL] ?? ""));
    await Promise.all(left.map((job) => this.#remove(job, this.#log)));
    return left.length;
  }

  async ping(): Promise<void> {
    await this.#api.call("GET", `${this.#batch}/jobs?limit=1`);
  }

  async #create(request: TaskRequest): Promise<Job> {
    const template = await this.#call<CronJob>("template", "GET", `${this.#batch}/cronjobs/${request.task}`);
    const job = jobFrom(template, request, this.#owner);
    for (let left = CREATE_TRIES; left > 0; left -= 1) {
      try {
        return await this.#call<Job>("create", "POST", `${this.#batch}/jobs`, job);
      } catch (error) {
        if (!isAlreadyThere(error)) throw error;
        await this.#removeFormer(jobName(request.task, request.job), request.log);
      }
    }
    throw new RunnerUnavailable("kubernetes create: the Job of an earlier run is still there");
  }

  /** Its worker is gone, or has lost the job to this one (the queue delivers a job to one worker at a time). */
  async #removeFormer(name: string, log: Logger): Promise<void> {
    try {
      const former = await this.#call<Job>("look", "GET", `${this.#batch}/jobs/${name}`);
      log.info({ owner: former.metadata.labels?.[OWNER_LABEL] }, "the Job of an earlier run is removed");
      await this.#remove(former, log);
      // A Job that somebody deletes in the foreground goes after its pod.
      if (former.metadata.deletionTimestamp !== undefined) await pause(AGAIN_MS);
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
    }
  }

  async #follow(job: Job, request: TaskRequest): Promise<TaskOutcome> {
    const { log } = request;
    const container = job.spec.template.spec.containers[0].name;
    const stop = new AbortController();
    const watch = new PodWatch({ api: this.#api, namespace: this.#namespace, jobUid: job.metadata.uid, container, log });
    const watching = watch.run(stop.signal);
    try {
      const pod = await started(watch, this.#startLimitMs, request.signal);
      return await this.#readToEnd(watch, pod, container, request);
    } finally {
      stop.abort();
      await watching;
    }
  }

  async #readToEnd(watch: PodWatch, pod: string, container: string, request: TaskRequest): Promise<TaskOutcome> {
    const { log, limitMs, signal } = request;
    const output = new TaskOutput(log);
    const lines = new LineSplitter((line) => output.line(line));
    const podLog = new PodLog({
      api: this.#api,
      namespace: this.#namespace,
      pod,
      container,
      log,
      onBytes: (chunk) => lines.push(chunk),
    });
    const stop = new AbortController();
    const following = podLog.follow(stop.signal);
    const end = await ended(watch, limitMs, signal).finally(() => stop.abort());
    await following;
    // The result is the last line. Where it is missing, the connection may have been behind, or broken.
    if (end !== null && output.result === "") await podLog.finish(AbortSignal.timeout(limitMs));
    lines.end();
    if (lines.overflowed) log.warn({ limit: LINE_LIMIT_BYTES }, "the task printed too much");
    return { exitCode: end, result: output.result };
  }

  /** Never throws: what stays behind is removed by the next sweep, the next run of the job, or the Job's own limits. */
  async #remove({ metadata }: Job, log: Logger): Promise<void> {
    // With the uid, for a Job of the same name may be another worker's by now.
    const options = { propagationPolicy: "Background", preconditions: { uid: metadata.uid } };
    for (let left = REMOVE_TRIES; left > 0; left -= 1) {
      try {
        await this.#api.call("DELETE", `${this.#batch}/jobs/${metadata.name}`, options);
        return;
      } catch (error) {
        // 404: it is gone already. 409: there is another one.
        if (error instanceof ApiError && (error.status === 404 || error.status === 409)) return;
        log.warn({ name: metadata.name, reason: errorText(error) }, "cannot remove the task's Job");
        await pause(AGAIN_MS);
      }
    }
  }

  /** @throws RunnerUnavailable; Error where the job itself is refused */
  async #call<T>(what: string, ...call: Parameters<KubernetesApi["call"]>): Promise<T> {
    try {
      return (await this.#api.call(...call)) as T;
    } catch (error) {
      const Kind = error instanceof ApiError && WRONG_JOB.includes(error.status) ? Error : RunnerUnavailable;
      throw new Kind(`kubernetes ${what}: ${errorText(error)}`, { cause: error });
    }
  }
}

/** The name of the pod, when it runs or has run. @throws RunnerUnavailable, the reason of an aborted signal */
async function started(watch: PodWatch, limitMs: number, signal: AbortSignal): Promise<string> {
  await within(watch.leaves("waiting", limitMs), signal);
  const { state } = watch;
  if (state.kind === "running" || state.kind === "ended") return state.pod;
  throw new RunnerUnavailable(`kubernetes: the task does not start: ${state.reason}`);
}

/** The exit code; null if it still runs at the limit. @throws RunnerUnavailable, the reason of an aborted signal */
async function ended(watch: PodWatch, limitMs: number, signal: AbortSignal): Promise<number | null> {
  await within(watch.leaves("running", limitMs), signal);
  const { state } = watch;
  if (state.kind === "running") return null;
  if (state.kind === "ended") return state.exitCode;
  throw new RunnerUnavailable(`kubernetes: the task was interrupted: ${state.reason}`);
}

async function within(limited: Promise<void>, signal: AbortSignal): Promise<void> {
  try {
    await unlessAborted(limited, signal);
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
  }
}

function isAlreadyThere(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof ApiError && error.cause.reason === "AlreadyExists";
}

function statusOf(error: unknown): number | null {
  return error instanceof Error && error.cause instanceof ApiError ? error.cause.status : null;
}
