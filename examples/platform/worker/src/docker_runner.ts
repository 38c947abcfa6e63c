/**
 * Tasks as containers, through the Docker API. It names the task, its command and two labels, nothing else: image,
 * limits and isolation are the Docker guard's, which stands in front of the engine and refuses anything more.
 */
import type { Logger } from "@platform/shared/log";
import { errorText, pause, TimeoutError, unlessAborted, withTimeout } from "@platform/shared/time";
import Docker from "dockerode";
import { LINE_LIMIT_BYTES, LineSplitter, TaskOutput, writable } from "./task_output.ts";
import { RunnerUnavailable, type TaskOutcome, type TaskRequest, type TaskRunner } from "./task_runner.ts";

export const OWNER_LABEL = "bunops.platform.owner";
export const JOB_LABEL = "bunops.platform.job";

const CALL_LIMIT_MS = 30_000;
const END_LIMIT_MS = 10_000;
const REMOVE_TRIES = 3;

export class DockerRunner implements TaskRunner {
  readonly #docker: Docker;
  readonly #owner: string;
  readonly #log: Logger;
  /** Whose tasks are running here now. */
  readonly #jobs = new Set<string>();

  /** @param dockerHost such as unix:///var/run/docker.sock or tcp://host:2375 */
  constructor(dockerHost: string, owner: string, log: Logger) {
    this.#docker = new Docker(dockerOptions(dockerHost));
    this.#owner = owner;
    this.#log = log;
  }

  async run(request: TaskRequest): Promise<TaskOutcome> {
    this.#jobs.add(request.job);
    try {
      return await this.#run(request);
    } finally {
      this.#jobs.delete(request.job);
    }
  }

  async sweep(): Promise<number> {
    const filters = { label: [`${OWNER_LABEL}=${this.#owner}`] };
    const found = await calling("list", () => this.#docker.listContainers({ all: true, filters }));
    const left = found.filter(({ Labels }) => !this.#jobs.has(Labels[JOB_LABEL] ?? ""));
    await Promise.all(left.map(({ Id }) => this.#remove(this.#docker.getContainer(Id), this.#log)));
    return left.length;
  }

  async ping(): Promise<void> {
    await this.#docker.ping();
  }

  async #run(request: TaskRequest): Promise<TaskOutcome> {
    const container = await calling("create", () =>
      this.#docker.createContainer({
        Image: request.task,
        Cmd: [...request.command],
        Labels: { [OWNER_LABEL]: this.#owner, [JOB_LABEL]: request.job },
      }),
    );
    try {
      await calling("start", () => container.start());
      return await unlessAborted(this.#follow(container, request), request.signal);
    } finally {
      await this.#remove(container, request.log);
    }
  }

  async #follow(container: Docker.Container, request: TaskRequest): Promise<TaskOutcome> {
    const output = new TaskOutput(request.log);
    const stdout = new LineSplitter((line) => output.line(line));
    const stderr = new LineSplitter((line) => output.logLine(line));
    const inTime = await within(this.#readLogs(container, stdout, stderr), request.limitMs);
    if (!inTime) await calling("kill", () => container.kill()).catch(() => request.log.debug("the task ended by itself"));
    const { StatusCode } = await calling("wait", () => withTimeout(container.wait(), END_LIMIT_MS, "the task's end"));
    for (const lines of [stdout, stderr]) lines.end();
    if (stdout.overflowed) request.log.warn({ limit: LINE_LIMIT_BYTES }, "the task printed too much");
    return { exitCode: inTime ? Number(StatusCode) : null, result: output.result };
  }

  /** Resolves when the task ends. */
  async #readLogs(container: Docker.Container, stdout: LineSplitter, stderr: LineSplitter): Promise<void> {
    // Without a limit: a proxy may hold the answer back until the task prints something.
    const logs = await translated("logs", () => container.logs({ follow: true, stdout: true, stderr: true }));
    this.#docker.modem.demuxStream(logs, writable(stdout), writable(stderr));
    await new Promise<void>((resolve, reject) => {
      logs.once("end", resolve).once("close", resolve).once("error", reject);
    });
  }

  /** Never throws: what stays behind is the guard's and the next sweep's. */
  async #remove(container: Docker.Container, log: Logger): Promise<void> {
    for (let left = REMOVE_TRIES; left > 0; left -= 1) {
      try {
        await withTimeout(container.remove({ force: true, v: true }), CALL_LIMIT_MS, "the removal");
        return;
      } catch (error) {
        // 404: it is gone already. 409: somebody else is removing it.
        const status = statusOf(error);
        if (status === 404 || status === 409) return;
        log.warn({ container: container.id, reason: errorText(error) }, "cannot remove the task's container");
        await pause(500);
      }
    }
  }
}

export function dockerOptions(dockerHost: string): Docker.DockerOptions {
  const url = new URL(dockerHost);
  if (url.protocol === "unix:") return { socketPath: url.pathname };
  return { protocol: "http", host: url.hostname, port: Number(url.port || 2375) };
}

/** @throws RunnerUnavailable also if there is no answer in time */
function calling<T>(what: string, call: () => Promise<T>): Promise<T> {
  return translated(what, () => withTimeout(call(), CALL_LIMIT_MS, "the answer"));
}

/** @throws RunnerUnavailable if there is no answer, or one that does not concern the job; Error if it is refused */
async function translated<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const status = statusOf(error);
    // 429: the guard has no room. No status: there was no answer at all.
    const away = status === undefined || status === 429 || status >= 500;
    const Kind = away ? RunnerUnavailable : Error;
    throw new Kind(`docker ${what}: ${errorText(error)}`, { cause: error });
  }
}

function statusOf(error: unknown): number | undefined {
  const status = error instanceof Error && "statusCode" in error ? Number(error.statusCode) : NaN;
  return Number.isInteger(status) ? status : undefined;
}

async function within(work: Promise<void>, limitMs: number): Promise<boolean> {
  try {
    await withTimeout(work, limitMs, "the task");
    return true;
  } catch (error) {
    if (error instanceof TimeoutError) return false;
    throw error;
  }
}
