/** The worker as a process, with a real Redis (REDIS_URL) and libSQL server (TURSO_URL); the tasks are the test's. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { type Job, newJobId } from "@platform/shared/job";
import { Program, until } from "../../../shared/test/program.ts";
import { Relay } from "../../../shared/test/relay.ts";
import { openStores, type Stores } from "../../../shared/test/stores.ts";
import { copyPackages, edit } from "../../../shared/test/workspace.ts";
import { Engine, type Run, type TaskEnd } from "./engine.ts";

const SOURCES = join(import.meta.dir, "../../src");
const LIMIT_MS = 90_000;
const SCREENSHOT = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(100_000)]).toString("base64");

const LOG_LINE = '{"level":"info","msg":"fetching"}\n';

let stores: Stores;
let redis: Relay;
let turso: Relay;
let folder = "";
let engine: Engine;
let workers: Program[] = [];

const page = (title: string): TaskEnd => ({
  stdout: LOG_LINE + JSON.stringify({ ok: true, title, text: "text", screenshot: SCREENSHOT, finalUrl: "https://a/", status: 200, milliseconds: 5 }),
  exitCode: 0,
});
const failure = (code: string, permanent: boolean): TaskEnd => ({
  stdout: JSON.stringify({ ok: false, error: { code, message: "m", permanent } }),
  exitCode: 1,
});
const after = (ms: number, end: TaskEnd): Run => async () => {
  await Bun.sleep(ms);
  return end;
};

beforeAll(async () => {
  stores = await openStores();
  redis = await new Relay(stores.redisUrl).open();
  turso = await new Relay(stores.tursoUrl).open();
});

beforeEach(async () => {
  await stores.empty();
  folder = await mkdtemp(join(tmpdir(), "worker-test-"));
  engine = new Engine(join(folder, "docker.sock"), after(20, page("Done")));
  engine.start();
});

afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.end("SIGKILL")));
  workers = [];
  await engine.stop();
  await rm(folder, { recursive: true });
});

afterAll(() => Promise.all([redis.cut(), turso.cut()]));

const environment = (atOnce: number, timeoutSeconds: number) => ({
  TMPDIR: folder,
  REDIS_URL: redis.url,
  TURSO_URL: turso.url,
  REDIS_PASSWORD: process.env.REDIS_PASSWORD ?? "",
  TURSO_AUTH_TOKEN: process.env.TURSO_AUTH_TOKEN ?? "",
  DOCKER_HOST: `unix://${join(folder, "docker.sock")}`,
  FETCHER_AT_ONCE: String(atOnce),
  FETCHER_TIMEOUT_SECONDS: String(timeoutSeconds),
});

async function start({ atOnce = 4, timeoutSeconds = 30 } = {}): Promise<Program> {
  const worker = new Program(join(SOURCES, "main.ts"), environment(atOnce, timeoutSeconds));
  workers.push(worker);
  await worker.logged("taking jobs");
  return worker;
}

async function post(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, newJobId);
  for (const id of ids) {
    await stores.jobs.insert(id, `https://example.com/${id}`);
    await stores.queue.add(id);
  }
  return ids;
}

/** All jobs, as soon as none is unfinished. */
const finished = () =>
  until(
    "the end of all jobs",
    async () => {
      const jobs = await stores.jobs.list(200);
      return jobs.every(({ status }) => status === "done" || status === "failed") ? jobs : null;
    },
    60_000,
  );

const statuses = (jobs: readonly Job[]) => [...new Set(jobs.map(({ status }) => status))];
const health = async () => {
  const child = Bun.spawn([process.execPath, join(SOURCES, "health.ts")], { env: { TMPDIR: folder } });
  return { code: await child.exited, text: (await new Response(child.stdout).text()).trim() };
};

test("every job runs once, no more at a time than allowed, and leaves no container", async () => {
  const ids = await post(20);
  const worker = await start({ atOnce: 3 });
  const jobs = await finished();
  expect(jobs.map(({ id }) => id).toSorted()).toEqual(ids);
  expect(jobs[0]).toMatchObject({ status: "done", title: "Done", text: "text", attempts: 1, milliseconds: 5, hasScreenshot: true });
  expect(await stores.jobs.screenshot(ids[0] ?? "")).toEqual(new Uint8Array(Buffer.from(SCREENSHOT, "base64")));
  expect(engine.started.toSorted()).toEqual(ids);
  expect(engine.mostAtOnce).toBe(3);
  await until("no container", () => engine.left === 0);
  const forwarded = worker.log.filter(({ msg }) => msg === "fetching");
  expect(forwarded.map(({ job }) => String(job)).toSorted()).toEqual(ids);
  expect(forwarded[0]).toMatchObject({ service: "worker", task: "fetcher" });
  expect(await until("an empty queue", async () => Object.values(await stores.queue.depth()).every((n) => n === 0))).toBe(true);
}, LIMIT_MS);

describe("a failure", () => {
  test("that is permanent ends the job", async () => {
    engine.run = after(1, failure("refused_address", true));
    await post(1);
    await start();
    expect(await finished()).toMatchObject([{ status: "failed", error: "refused_address: m", attempts: 1 }]);
    expect(engine.started).toHaveLength(1);
  }, LIMIT_MS);

  test("that may pass is tried three times, with pauses", async () => {
    engine.run = after(1, failure("timeout", false));
    await post(1);
    await start();
    const started = performance.now();
    expect(await finished()).toMatchObject([{ status: "failed", error: "timeout: m", attempts: 3 }]);
    expect(engine.started).toHaveLength(3);
    expect(performance.now() - started).toBeGreaterThan(2_500);
  }, LIMIT_MS);

  test("that passed is forgotten", async () => {
    engine.run = async () => (engine.started.length < 2 ? failure("crash", false) : page("At last"));
    await post(1);
    await start();
    expect(await finished()).toMatchObject([{ status: "done", title: "At last", error: null, attempts: 2 }]);
  }, LIMIT_MS);

  test("to end in time is a timeout, and the task is killed", async () => {
    engine.run = ({ signal }) => new Promise((resolve) => signal.addEventListener("abort", () => resolve(page("Late"))));
    await post(1);
    await start({ timeoutSeconds: 1 });
    expect(await finished()).toMatchObject([{ status: "failed", error: "timeout: the task was killed after 1 s" }]);
    await until("no container", () => engine.left === 0);
  }, LIMIT_MS);
});

describe("nothing is lost, and nothing written twice,", () => {
  test("when the worker is killed in the middle of jobs", async () => {
    engine.run = after(1_500, page("Done"));
    const ids = await post(8);
    const first = await start();
    await until("running tasks", () => engine.left === 4);
    expect(await first.end("SIGKILL")).toBeNull();
    const second = await start();
    expect(second.log).toContainEqual(expect.objectContaining({ removed: 4, msg: "tasks left behind were removed" }));
    const jobs = await finished();
    expect(jobs.map(({ id }) => id).toSorted()).toEqual(ids);
    expect(statuses(jobs)).toEqual(["done"]);
    await until("no container", () => engine.left === 0);
  }, LIMIT_MS);

  test.each([
    ["shortly", 500],
    ["for longer than a job's lock", 16_000],
  ])("when Redis goes away %s in the middle of jobs", async (_what, ms) => {
    engine.run = after(1_000, page("Done"));
    const ids = await post(12);
    await start();
    await until("running tasks", () => engine.left === 4);
    await redis.cut();
    await Bun.sleep(ms);
    await redis.open();
    const jobs = await finished();
    expect(jobs.map(({ id }) => id).toSorted()).toEqual(ids);
    expect(statuses(jobs)).toEqual(["done"]);
  }, LIMIT_MS);

  test.each([
    ["shortly", 500],
    ["for longer than the patience", 20_000],
  ])("when the database goes away %s in the middle of jobs", async (_what, ms) => {
    engine.run = after(500, page("Done"));
    const ids = await post(8);
    await start();
    await until("running tasks", () => engine.left === 4);
    await turso.cut();
    await Bun.sleep(ms);
    await turso.open();
    const jobs = await finished();
    expect(jobs.map(({ id }) => id).toSorted()).toEqual(ids);
    expect(statuses(jobs)).toEqual(["done"]);
  }, LIMIT_MS);

  test("when the Docker API goes away, or has no room: no attempt is spent on that", async () => {
    engine.run = after(300, page("Done"));
    engine.room = 1;
    await post(4);
    await start();
    await until("a running task", () => engine.left === 1);
    await engine.stop();
    await Bun.sleep(5_000);
    engine.start();
    const jobs = await finished();
    expect(statuses(jobs)).toEqual(["done"]);
    expect(jobs.every(({ attempts }) => attempts === 1)).toBe(true);
    expect(engine.mostAtOnce).toBe(1);
  }, LIMIT_MS);

  test("when two workers get the same jobs", async () => {
    await start();
    await start();
    const ids = await post(20);
    await finished();
    expect(engine.started.toSorted()).toEqual(ids);
  }, LIMIT_MS);
});

test("started before its stores it waits for them", async () => {
  await Promise.all([redis.cut(), turso.cut(), engine.stop()]);
  const ids = await post(2);
  const worker = new Program(join(SOURCES, "main.ts"), environment(4, 30));
  workers.push(worker);
  await worker.logged("database does not answer, trying again");
  // Longer than the patience of one statement.
  await Bun.sleep(16_000);
  expect((await health()).code).toBe(1);
  await turso.open();
  await worker.logged("waiting for what runs the tasks");
  engine.start();
  await worker.logged("taking jobs");
  await redis.open();
  expect((await finished()).map(({ id }) => id).toSorted()).toEqual(ids);
  await until("health", async () => (await health()).code === 0);
}, LIMIT_MS);

test("SIGTERM ends it also while it waits for its stores", async () => {
  await turso.cut();
  const worker = new Program(join(SOURCES, "main.ts"), environment(4, 30));
  workers.push(worker);
  await worker.logged("database does not answer, trying again");
  const signalled = performance.now();
  expect(await worker.end("SIGTERM")).toBe(0);
  expect(performance.now() - signalled).toBeLessThan(2_000);
  await turso.open();
}, LIMIT_MS);

test("at its start it removes its own tasks, and only those", async () => {
  engine.leave(hostname());
  engine.leave("somebody-else");
  await start();
  expect(engine.left).toBe(1);
}, LIMIT_MS);

test("SIGTERM lets running jobs finish and takes no new one", async () => {
  engine.run = after(1_500, page("Done"));
  await post(8);
  const worker = await start({ atOnce: 2 });
  await until("running tasks", () => engine.left === 2);
  expect(await worker.end("SIGTERM")).toBe(0);
  expect(engine.started).toHaveLength(2);
  expect(engine.left).toBe(0);
  const jobs = await stores.jobs.list(200);
  expect(jobs.filter(({ status }) => status === "done")).toHaveLength(2);
  expect(jobs.filter(({ status }) => status === "queued")).toHaveLength(6);
}, LIMIT_MS);

test("it is healthy only while Redis, the database and the Docker API answer", async () => {
  expect(await health()).toEqual({ code: 1, text: "there was no heartbeat yet" });
  const worker = await start();
  await until("health", async () => (await health()).code === 0);
  await engine.stop();
  expect(await worker.logged("no heartbeat")).toMatchObject({ reason: expect.stringContaining("docker") });
  const ill = await until("ill health", async () => {
    const { code, text } = await health();
    return code === 1 ? text : null;
  });
  expect(ill).toMatch(/^the last heartbeat is \d+ ms old, at most 15000 are healthy$/);
  engine.start();
  await until("health", async () => (await health()).code === 0);
}, LIMIT_MS);

describe("a newer version in the same process", () => {
  let workspace = "";
  let worker: Program;
  const takes = () => worker.log.filter(({ msg }) => msg === "taking jobs").length;

  beforeEach(async () => {
    workspace = await copyPackages("worker", "shared");
    worker = new Program(join(workspace, "worker/src/main.ts"), environment(4, 30), workspace);
    workers.push(worker);
    await worker.logged("taking jobs");
  });
  afterEach(() => rm(workspace, { recursive: true }));

  test("takes the running jobs at once, as the same attempts, and runs each of them to its end", async () => {
    const released: string[] = [];
    engine.run = ({ job, signal }) => {
      signal.addEventListener("abort", () => void (engine.started.length <= 4 && released.push(job)));
      return engine.started.length <= 4 ? new Promise(() => {}) : after(20, page("Done"))({ job, url: "", signal });
    };
    const ids = await post(6);
    await until("running tasks", () => engine.left === 4);
    await edit(join(workspace, "worker/src/main.ts"), '"taking jobs"', '"taking more jobs"');
    await worker.logged("taking more jobs");
    const jobs = await finished();
    expect(jobs.map(({ id }) => id).toSorted()).toEqual(ids);
    expect(jobs.map(({ status, attempts, error }) => ({ status, attempts, error }))).toEqual(
      ids.map(() => ({ status: "done", attempts: 1, error: null })),
    );
    expect(released.toSorted()).toEqual(ids.slice(0, 4));
    // The first four twice, the others once; never more at a time than one version may run.
    expect(engine.started).toHaveLength(10);
    expect(engine.mostAtOnce).toBe(4);
    await until("no container", () => engine.left === 0);
    await until("an empty queue", async () => Object.values(await stores.queue.depth()).every((n) => n === 0));
    expect(worker.log.filter(({ level }) => level !== "info")).toEqual([]);
    expect(await worker.end("SIGTERM")).toBe(0);
  }, LIMIT_MS);

  test("that does not start leaves the jobs running", async () => {
    engine.run = after(1_000, page("Done"));
    const ids = await post(2);
    await until("running tasks", () => engine.left === 2);
    await edit(join(workspace, "worker/src/config.ts"), '"FETCHER_AT_ONCE"', '"FETCHER_AT_TWICE"');
    await worker.logged("wrong settings: FETCHER_AT_TWICE: found nothing, expected a whole number, 1 to 1000");
    expect((await finished()).map(({ id }) => id).toSorted()).toEqual(ids);
    expect(engine.started).toHaveLength(2);
    await edit(join(workspace, "worker/src/config.ts"), '"FETCHER_AT_TWICE"', '"FETCHER_AT_ONCE"');
    await until("the mended version", () => takes() === 2);
    expect(await worker.end("SIGTERM")).toBe(0);
  }, LIMIT_MS);
});

test("a job that goes back to the queue stands in the database as before", async () => {
  const id = newJobId();
  await stores.jobs.insert(id, "https://example.com/");
  const before = await stores.jobs.get(id);
  await stores.jobs.start(id, 1);
  await stores.jobs.release(id, 1);
  await stores.jobs.release(id, 1);
  expect(await stores.jobs.get(id)).toEqual(before);
  await stores.jobs.start(id, 2);
  await stores.jobs.release(id, 2);
  expect(await stores.jobs.get(id)).toMatchObject({ status: "queued", attempts: 1, startedAt: expect.any(String) });
});
