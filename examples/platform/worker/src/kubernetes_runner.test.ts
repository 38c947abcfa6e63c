import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@platform/shared/log";
import { completed, FakeKubernetes, RUNNING } from "../test/fake_kubernetes.ts";
import { KubernetesApi } from "./kubernetes/api.ts";
import { KubernetesRunner } from "./kubernetes_runner.ts";
import { RunnerUnavailable, type TaskOutcome } from "./task_runner.ts";

const RESULT = '{"ok":true}';
const QUOTA = 'jobs.batch "fetcher-j1" is forbidden: exceeded quota: tasks, requested: count/jobs.batch=1, used: 4, limited: 4';

let account = "";
let kubernetes: FakeKubernetes;
let messages: unknown[] = [];

beforeEach(async () => {
  account = await mkdtemp(join(tmpdir(), "account-"));
  await Promise.all([Bun.write(join(account, "token"), "t1\n"), Bun.write(join(account, "ca.crt"), "")]);
  kubernetes = await new FakeKubernetes().start();
  messages = [];
});
afterEach(async () => {
  kubernetes.stop();
  await rm(account, { recursive: true });
});

function runner(owner = "worker-1", startLimitMs = 5_000): KubernetesRunner {
  const log = createLogger("worker", "debug", { write: (line) => void messages.push(JSON.parse(line).msg) });
  return new KubernetesRunner({ api: new KubernetesApi(kubernetes.url, account), namespace: "atlas-tasks", owner, log, startLimitMs });
}

function run(by = runner(), limitMs = 5_000, signal = new AbortController().signal): Promise<TaskOutcome> {
  const log = createLogger("worker", "debug", { write: (line) => void messages.push(JSON.parse(line).msg) });
  return by.run({ task: "fetcher", job: "j1", command: ["--job", "j1"], limitMs, signal, log });
}

/** What was thrown. */
const refused = (running: Promise<unknown>) => running.then(() => null, (error: unknown) => error);

describe("the job has to wait", () => {
  test.each([
    ["while the quota is used up", "POST", 403, "Forbidden", QUOTA],
    ["while the quota is being counted", "POST", 409, "Conflict", "Operation cannot be fulfilled on resourcequotas"],
    ["without rights", "GET", 403, "Forbidden", "cannot get resource"],
    ["without a template", "GET", 404, "NotFound", 'cronjobs.batch "fetcher" not found'],
    ["while the token is old", "GET", 401, "Unauthorized", "Unauthorized"],
    ["while the API server has too much to do", "POST", 429, "TooManyRequests", "too many requests"],
    ["while the API server fails", "POST", 500, "InternalError", "etcdserver: request timed out"],
  ])("%s", async (_what, method, status, reason, message) => {
    kubernetes.refuse(method, status, reason, message);
    const error = await refused(run());
    expect(error).toBeInstanceOf(RunnerUnavailable);
    expect(String(error)).toContain(`${status} ${message}`);
    expect(kubernetes.jobs.size).toBe(0);
  });

  test("while the API server is away", async () => {
    const worker = runner();
    kubernetes.stop();
    expect(await refused(run(worker))).toBeInstanceOf(RunnerUnavailable);
  });

  test("while a proxy answers for the API server", async () => {
    kubernetes.refuse("POST", 502);
    expect(await refused(run())).toBeInstanceOf(RunnerUnavailable);
  });

  test("while the task does not start, and is told why", async () => {
    const running = refused(run(runner("worker-1", 300)));
    await kubernetes.watched();
    kubernetes.set({ waiting: { reason: "ContainerCreating" } });
    expect(await running).toEqual(new RunnerUnavailable("kubernetes: the task does not start: ContainerCreating"));
    expect(kubernetes.jobs.size).toBe(0);
  });

  test("while its Job gets no pod", async () => {
    const error = await refused(run(runner("worker-1", 100)));
    expect(error).toEqual(new RunnerUnavailable("kubernetes: the task does not start: the Job has no pod yet; its events say why"));
  });

  test("when its pod is deleted while nobody could see it", async () => {
    const running = refused(run());
    await kubernetes.watched();
    kubernetes.set(RUNNING);
    await Bun.sleep(50);
    kubernetes.cutWatches();
    kubernetes.deletePod();
    expect(await running).toEqual(new RunnerUnavailable("kubernetes: the task was interrupted: the pod was deleted"));
  });
});

test.each([400, 413, 422])("a Job that is refused for what it is (%d) is the job's failure", async (status) => {
  kubernetes.refuse("POST", status, "Invalid", "spec.template.spec.containers[0].args: too long");
  const error = await refused(run());
  expect(error).not.toBeInstanceOf(RunnerUnavailable);
  expect(String(error)).toBe(`Error: kubernetes create: ${status} spec.template.spec.containers[0].args: too long`);
});

describe("the log", () => {
  test("is read to its end when the connection is behind the pod's state", async () => {
    const running = run();
    await kubernetes.watched();
    kubernetes.set(RUNNING);
    await Bun.sleep(50);
    kubernetes.log = `{"level":"info","msg":"late"}\n${RESULT}\n`;
    kubernetes.set(completed(0));
    expect(await running).toEqual({ exitCode: 0, result: RESULT });
    expect(messages).toContain("late");
  });

  test("comes whole and once, however often its connection breaks", async () => {
    kubernetes.log = `{"level":"info","msg":"öne"}\n{"level":"info","msg":"two"}\n${RESULT}`;
    // The first break is in the middle of a character.
    kubernetes.logCuts.push(24, 40);
    const running = run();
    await kubernetes.watched();
    kubernetes.set(RUNNING);
    await Bun.sleep(1_300);
    kubernetes.set(completed(1));
    expect(await running).toEqual({ exitCode: 1, result: RESULT });
    expect(messages.filter((message) => message === "öne" || message === "two")).toEqual(["öne", "two"]);
  });

  test("whose end cannot be read is lost, and that is said", async () => {
    const running = run();
    await kubernetes.watched();
    kubernetes.log = RESULT;
    kubernetes.logCuts.push(3, 3, 3, 3, 3, 3);
    kubernetes.set(completed(7));
    expect(await running).toMatchObject({ exitCode: 7 });
    expect(messages).toContain("the end of the task's log cannot be read");
  });
});

test("the end of the pod is seen although the watch broke", async () => {
  const running = run();
  await kubernetes.watched();
  kubernetes.set(RUNNING);
  await Bun.sleep(50);
  kubernetes.cutWatches();
  kubernetes.set(completed(3));
  expect(await running).toEqual({ exitCode: 3, result: "" });
});

test.each([
  ["waits to start", false],
  ["runs", true],
])("a Job that %s is removed at once when the task is stopped", async (_what, runs) => {
  const stop = new AbortController();
  const running = refused(run(runner(), 5_000, stop.signal));
  await kubernetes.watched();
  if (runs) {
    kubernetes.set(RUNNING);
    await Bun.sleep(50);
  }
  stop.abort(new Error("superseded"));
  expect(await running).toEqual(new Error("superseded"));
  expect(kubernetes.jobs.size).toBe(0);
});

test("a Job is removed although that fails at first", async () => {
  const running = run(runner(), 100);
  await kubernetes.watched();
  kubernetes.set(RUNNING);
  kubernetes.refuse("DELETE", 500);
  kubernetes.refuse("DELETE", 503);
  expect(await running).toEqual({ exitCode: null, result: "" });
  expect(kubernetes.jobs.size).toBe(0);
});

test("a Job that cannot be removed is swept later, one that runs is not", async () => {
  const worker = runner();
  const first = run(worker, 100);
  await kubernetes.watched();
  kubernetes.set(RUNNING);
  for (let count = 0; count < 3; count += 1) kubernetes.refuse("DELETE", 500);
  await first;
  expect(kubernetes.jobs.size).toBe(1);
  expect(await worker.sweep()).toBe(1);
  const second = run(worker, 300);
  await kubernetes.watched();
  expect(await worker.sweep()).toBe(0);
  expect(await second).toMatchObject({ exitCode: null });
});

test("the token is read for each call, for it is replaced now and then", async () => {
  const seen: (string | null)[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: ({ headers }) => {
      seen.push(headers.get("authorization"));
      return Response.json({});
    },
  });
  const api = new KubernetesApi(`http://127.0.0.1:${server.port}`, account);
  await api.call("GET", "/version");
  await Bun.write(join(account, "token"), "t2");
  await api.call("GET", "/version");
  expect(seen).toEqual(["Bearer t1", "Bearer t2"]);
  await server.stop(true);
});
