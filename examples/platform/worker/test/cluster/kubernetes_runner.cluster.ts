/**
 * The runner on a real cluster: tests/integration/task_jobs makes the namespaces, the rights and the templates, and runs
 * this. A task is a shell that does what its argument says.
 *
 * KUBERNETES_URL; SERVICE_ACCOUNT: the folder of the token; TASKS_NAMESPACE; FULL_NAMESPACE: one whose quota is used up
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { createLogger } from "@platform/shared/log";
import { Relay } from "../../../shared/test/relay.ts";
import { until } from "../../../shared/test/program.ts";
import { KubernetesApi } from "../../src/kubernetes/api.ts";
import type { JobList, PodList } from "../../src/kubernetes/objects.ts";
import { KubernetesRunner } from "../../src/kubernetes_runner.ts";
import { RunnerUnavailable, type TaskOutcome } from "../../src/task_runner.ts";

const LIMIT_MS = 60_000;
const LOG_LINE = `echo '{"level":"info","msg":"working"}'`;
const RESULT_LINE = `echo '{"ok":true}'`;

const [url, account, namespace, full] = ["KUBERNETES_URL", "SERVICE_ACCOUNT", "TASKS_NAMESPACE", "FULL_NAMESPACE"].map(required);
const api = new KubernetesApi(url ?? "", account);
let relay: Relay;
let entries: Record<string, unknown>[] = [];

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: tests/integration/task_jobs runs these tests`);
  return value;
}

beforeAll(async () => {
  relay = await new Relay(url ?? "").open();
});
afterAll(() => relay.cut());
afterEach(async () => {
  entries = [];
  expect(await jobs()).toEqual([]);
  await until("no pod", async () => (await pods()).length === 0);
});

interface By {
  readonly owner?: string;
  readonly tasks?: string | undefined;
  readonly through?: KubernetesApi;
  readonly startLimitMs?: number;
}

function runner({ owner = "worker-1", tasks = namespace, through = api, startLimitMs = 30_000 }: By = {}): KubernetesRunner {
  const log = createLogger("worker", "debug", { write: (line) => void entries.push(JSON.parse(line)) });
  return new KubernetesRunner({ api: through, namespace: tasks ?? "", owner, log, startLimitMs });
}

interface Task {
  readonly by?: KubernetesRunner;
  readonly template?: string;
  readonly job?: string;
  readonly limitMs?: number;
  readonly signal?: AbortSignal;
}

function run(script: string, task: Task = {}): Promise<TaskOutcome> {
  const { by = runner(), template = "task", job = crypto.randomUUID(), limitMs = 30_000 } = task;
  const { signal = new AbortController().signal } = task;
  const log = createLogger("task", "debug", { write: (line) => void entries.push(JSON.parse(line)) });
  return by.run({ task: template, job, command: [script], limitMs, signal, log });
}

/** What was thrown. */
const refused = (running: Promise<unknown>) => running.then(() => null, (error: unknown) => error);
const jobs = async () =>
  ((await api.call("GET", `/apis/batch/v1/namespaces/${namespace}/jobs`)) as JobList).items.map(({ metadata }) => metadata.name);
const pods = async () => ((await api.call("GET", `/api/v1/namespaces/${namespace}/pods`)) as PodList).items;
const running = (count: number) =>
  until("running pods", async () => (await pods()).filter(({ status }) => status?.phase === "Running").length === count);
const messages = () => entries.map(({ msg }) => msg);

describe("a task", () => {
  test("runs to its end, with its result, its log and its exit code", async () => {
    expect(await run(`${LOG_LINE}; echo oops >&2; ${RESULT_LINE}; exit 3`)).toEqual({ exitCode: 3, result: '{"ok":true}' });
    expect(messages()).toContain("working");
    expect(entries).toContainEqual(expect.objectContaining({ msg: "task output", line: "oops" }));
  }, LIMIT_MS);

  test("may print megabytes in one line, beside others that do", async () => {
    const script = `${LOG_LINE}; printf '{"text":"'; head -c 4000000 /dev/zero | tr '\\0' x; echo '"}'`;
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => run(script)));
    for (const { exitCode, result } of outcomes) expect([exitCode, result.length]).toEqual([0, 4_000_011]);
    expect(messages().filter((message) => message === "working")).toHaveLength(4);
  }, LIMIT_MS);

  test("that prints its log slowly is heard while it runs", async () => {
    const task = run(`${LOG_LINE}; sleep 3; ${RESULT_LINE}`);
    await until("the log", () => messages().includes("working"));
    expect((await pods())[0]?.status?.phase).toBe("Running");
    expect(await task).toEqual({ exitCode: 0, result: '{"ok":true}' });
  }, LIMIT_MS);

  test("without a result has its log read to the end", async () => {
    const script = `for i in 1 2 3 4 5 6 7 8 9; do echo '{"level":"info","msg":"line '$i'"}'; done; exit 4`;
    expect(await run(script)).toEqual({ exitCode: 4, result: "" });
    expect(messages().filter((message) => String(message).startsWith("line "))).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => `line ${number}`),
    );
  }, LIMIT_MS);

  test("is killed at its limit", async () => {
    const started = performance.now();
    expect(await run(`${LOG_LINE}; sleep 600`, { limitMs: 1_500 })).toEqual({ exitCode: null, result: "" });
    expect(performance.now() - started).toBeLessThan(15_000);
  }, LIMIT_MS);

  test("is stopped and removed at once when that is asked for", async () => {
    const stop = new AbortController();
    const task = run(`${LOG_LINE}; sleep 600`, { signal: stop.signal });
    await until("the log", () => messages().includes("working"));
    stop.abort(new Error("superseded"));
    await expect(task).rejects.toThrow("superseded");
    expect(await jobs()).toEqual([]);
  }, LIMIT_MS);

  test("outlives a broken connection to the API server, and its log comes whole and once", async () => {
    const through = new KubernetesApi(relay.url, account);
    const script = `for i in 1 2 3 4 5 6 7 8; do echo '{"level":"info","msg":"line '$i'"}'; sleep 0.5; done; ${RESULT_LINE}`;
    const task = run(script, { by: runner({ through }) });
    await until("the log", () => messages().includes("line 3"));
    await relay.cut();
    await Bun.sleep(1_000);
    await relay.open();
    expect(await task).toEqual({ exitCode: 0, result: '{"ok":true}' });
    expect(messages().filter((message) => String(message).startsWith("line "))).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `line ${number}`),
    );
  }, LIMIT_MS);
});

describe("the job has to wait, and is told why,", () => {
  test("while the image cannot be pulled", async () => {
    const started = performance.now();
    const error = await refused(run("", { template: "missing-image" }));
    expect(error).toBeInstanceOf(RunnerUnavailable);
    expect(String(error)).toMatch(/the task does not start: (ErrImagePull|ImagePullBackOff): .*bunops-test\/missing/);
    expect(performance.now() - started).toBeLessThan(20_000);
  }, LIMIT_MS);

  test("while no node takes the pod", async () => {
    const error = await refused(run("", { template: "unschedulable", by: runner({ startLimitMs: 3_000 }) }));
    expect(String(error)).toMatch(/^RunnerUnavailable: kubernetes: the task does not start: Unschedulable: .*node/);
  }, LIMIT_MS);

  test("while the quota is used up", async () => {
    const error = await refused(run("", { by: runner({ tasks: full }) }));
    expect(String(error)).toMatch(/^RunnerUnavailable: kubernetes create: 403 .*exceeded quota/);
  }, LIMIT_MS);

  test("while there is no template, or no right to it", async () => {
    expect(String(await refused(run("", { template: "absent" })))).toMatch(/^RunnerUnavailable: kubernetes template: 404 /);
    expect(String(await refused(run("", { template: "forbidden" })))).toMatch(/^RunnerUnavailable: kubernetes template: 403 /);
  }, LIMIT_MS);

  test("when its pod goes away with its Job", async () => {
    const task = refused(run("sleep 600"));
    await running(1);
    expect(await runner().sweep()).toBe(1);
    expect(String(await task)).toMatch(/^RunnerUnavailable: kubernetes: the task was interrupted: the pod was deleted/);
  }, LIMIT_MS);
});

test("arguments that no object can hold are the job's failure", async () => {
  const error = await refused(run("x".repeat(4_000_000)));
  expect(error).not.toBeInstanceOf(RunnerUnavailable);
  expect(String(error)).toMatch(/^Error: kubernetes create: 4\d\d /);
}, LIMIT_MS);

describe("what is left behind", () => {
  test("is swept by the worker's next life in the same pod, and by nobody else", async () => {
    const former = refused(run("sleep 600"));
    await running(1);
    expect(await runner({ owner: "worker-2" }).sweep()).toBe(0);
    expect(await runner().sweep()).toBe(1);
    expect(await former).toBeInstanceOf(RunnerUnavailable);
  }, LIMIT_MS);

  test("is replaced when its job is run again, by whomever", async () => {
    const job = crypto.randomUUID();
    const former = refused(run("sleep 600", { job }));
    await running(1);
    const second = run(RESULT_LINE, { job, by: runner({ owner: "worker-2" }) });
    expect(await former).toBeInstanceOf(RunnerUnavailable);
    expect(await second).toEqual({ exitCode: 0, result: '{"ok":true}' });
    expect(messages()).toContain("the Job of an earlier run is removed");
  }, LIMIT_MS);
});

test("the worker knows whether it may start tasks", async () => {
  await runner().ping();
  await expect(runner({ tasks: "kube-system" }).ping()).rejects.toThrow("403 ");
  await expect(runner({ through: new KubernetesApi(relay.url, "/nowhere") }).ping()).rejects.toThrow("ENOENT");
}, LIMIT_MS);
