/** The API as a process, with a real Redis (REDIS_URL) and a real libSQL server (TURSO_URL). */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Job } from "@platform/shared/job";
import { visit } from "../../../shared/test/keep_alive.ts";
import { Program, until } from "../../../shared/test/program.ts";
import { Relay } from "../../../shared/test/relay.ts";
import { openStores, type Stores } from "../../../shared/test/stores.ts";
import { copyPackages, edit } from "../../../shared/test/workspace.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");
const LIMIT_MS = 40_000;
const WEBP = Buffer.from("RIFF\0\0\0\0WEBPVP8 ", "latin1");

let stores: Stores;
let redis: Relay;
let turso: Relay;
let api: Program;
let base = "";
let metricsUrl = "";

/** An API of its own, on a free port; or the one in a copy of the packages, by `bun --hot`. */
async function start(hotIn?: string): Promise<{ program: Program; port: number; url: string; metricsUrl: string }> {
  const probes = [0, 0].map((port) => Bun.serve({ port, fetch: () => new Response() }));
  const [port = 0, metricsPort = 0] = probes.map((probe) => probe.port ?? 0);
  await Promise.all(probes.map((probe) => probe.stop()));
  const environment = {
    PORT: String(port),
    METRICS_PORT: String(metricsPort),
    TMPDIR: hotIn ?? tmpdir(),
    REDIS_URL: redis.url,
    TURSO_URL: turso.url,
    REDIS_PASSWORD: process.env.REDIS_PASSWORD ?? "",
    TURSO_AUTH_TOKEN: process.env.TURSO_AUTH_TOKEN ?? "",
  };
  const main = hotIn === undefined ? MAIN : join(hotIn, "api/src/main.ts");
  const program = new Program(main, environment, hotIn);
  await program.logged("listening");
  return { program, port, url: `http://127.0.0.1:${port}`, metricsUrl: `http://127.0.0.1:${metricsPort}/metrics` };
}

beforeAll(async () => {
  stores = await openStores();
  redis = await new Relay(stores.redisUrl).open();
  turso = await new Relay(stores.tursoUrl).open();
  await stores.empty();
  ({ program: api, url: base, metricsUrl } = await start());
  await until("health", healthy);
}, LIMIT_MS);

beforeEach(() => stores.empty());

afterAll(async () => {
  expect(await api.end("SIGTERM")).toBe(0);
  await Promise.all([redis.cut(), turso.cut()]);
}, LIMIT_MS);

const post = (url: unknown, to = base) => fetch(`${to}/v1/jobs`, { method: "POST", body: JSON.stringify({ url }) });
const accepted = async (to = base): Promise<Job> => (await post("https://example.com", to)).json() as Promise<Job>;
const get = async (path: string): Promise<unknown> => (await fetch(`${base}${path}`)).json();
const healthy = async () => (await fetch(`${base}/health`)).status === 200;

describe("a job", () => {
  test("is accepted, stored, queued and shown", async () => {
    const response = await post("https://example.com");
    expect(response.status).toBe(202);
    const job = (await response.json()) as Job;
    expect(response.headers.get("location")).toBe(`/v1/jobs/${job.id}`);
    expect(job).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      url: "https://example.com/",
      status: "queued",
      title: null,
      text: null,
      error: null,
      hasScreenshot: false,
      attempts: 0,
      createdAt: expect.stringMatching(/Z$/),
      startedAt: null,
      finishedAt: null,
      milliseconds: null,
      finalUrl: null,
      httpStatus: null,
    });
    expect(await get(`/v1/jobs/${job.id}`)).toEqual(job);
    expect(await stores.queue.has(job.id)).toBe(true);
  });

  test("that is done has its page and its screenshot", async () => {
    const { id } = await accepted();
    await stores.jobs.finish(id, {
      ok: true,
      title: "Example",
      text: "x".repeat(500),
      screenshot: WEBP.toString("base64"),
      finalUrl: "https://example.com/en",
      status: 200,
      milliseconds: 12,
    });
    expect(await get(`/v1/jobs/${id}`)).toMatchObject({ status: "done", title: "Example", text: "x".repeat(500), hasScreenshot: true });
    const image = await fetch(`${base}/v1/jobs/${id}/screenshot`);
    expect(image.headers.get("content-type")).toBe("image/webp");
    expect(Buffer.from(await image.arrayBuffer())).toEqual(WEBP);
    const { jobs } = (await get("/v1/jobs")) as { jobs: Job[] };
    expect(jobs[0]?.text).toHaveLength(300);
  });

  test("list is the newest first, up to its limit", async () => {
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) ids.unshift((await accepted()).id);
    const { jobs } = (await get("/v1/jobs?limit=2")) as { jobs: Job[] };
    expect(jobs.map(({ id }) => id)).toEqual(ids.slice(0, 2));
  });
});

describe("refused with a reason:", () => {
  test.each<[string, string, RequestInit, number, string]>([
    ["no JSON", "/v1/jobs", { method: "POST", body: "url" }, 400, "invalid_json"],
    ["another scheme", "/v1/jobs", { method: "POST", body: '{"url":"ftp://a/"}' }, 400, "invalid_url"],
    ["a large body", "/v1/jobs", { method: "POST", body: "x".repeat(16_385) }, 413, "too_large"],
    ["a wrong limit", "/v1/jobs?limit=0", {}, 400, "invalid_limit"],
    ["an unknown job", "/v1/jobs/0195d1f4-0000-7000-8000-000000000000", {}, 404, "not_found"],
    ["no job id", "/v1/jobs/1", {}, 404, "not_found"],
    ["a screenshot of no job", "/v1/jobs/1/screenshot", {}, 404, "not_found"],
    ["an unknown path", "/v2", {}, 404, "not_found"],
    ["an unknown method", "/v1/jobs", { method: "DELETE" }, 404, "not_found"],
  ])("%s", async (_what, path, init, status, code) => {
    const response = await fetch(`${base}${path}`, init);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error: { code, message: expect.any(String) } });
  });
});

test("metrics count requests, jobs and the queue", async () => {
  await accepted();
  expect((await fetch(`${base}/metrics`)).status).toBe(404);
  const text = await (await fetch(metricsUrl)).text();
  expect(text).toMatch(/^http_requests_total\{method="POST",route="\/v1\/jobs",status="202"\} \d+$/m);
  expect(text).toMatch(/^http_request_duration_seconds_count\{method="POST",route="\/v1\/jobs"\} \d+$/m);
  expect(text).toContain('jobs{status="queued"} 1');
  expect(text).toContain('queue_depth{state="waiting"} 1');
});

describe("while Redis is away", () => {
  test("jobs are accepted, and brought to the queue later, by several replicas at once", async () => {
    const other = await start();
    expect(await until("health", healthy)).toBe(true);
    await redis.cut();
    const away = await until("ill health", async () => {
      const response = await fetch(`${base}/health`);
      return response.status === 503 ? ((await response.json()) as Record<string, string>) : null;
    });
    expect(away).toMatchObject({ status: "unavailable", turso: "ok" });

    const jobs = await Promise.all(Array.from({ length: 20 }, (_, index) => accepted(index % 2 ? base : other.url)));
    expect(new Set(jobs.map(({ status }) => status))).toEqual(new Set(["queued"]));
    await redis.open();
    await until("all jobs in the queue", async () => (await stores.queue.depth()).waiting === 20);
    await until("health", healthy);
    expect(await other.program.end("SIGTERM")).toBe(0);
  }, LIMIT_MS);
});

describe("while the database is away", () => {
  test("a request waits for it, also when the API is being stopped", async () => {
    const other = await start();
    await turso.cut();
    const answer = post("https://example.com", other.url);
    await other.program.logged("database does not answer, trying again");
    const ended = other.program.end("SIGTERM");
    await Bun.sleep(500);
    await turso.open();
    expect((await answer).status).toBe(202);
    expect(await ended).toBe(0);
  }, LIMIT_MS);
});

test("started before its stores it waits for them, and says so", async () => {
  await Promise.all([redis.cut(), turso.cut()]);
  const other = await start();
  const health = await fetch(`${other.url}/health`);
  expect(health.status).toBe(503);
  expect(await health.json()).toEqual({ status: "unavailable", redis: "not connected", turso: expect.any(String) });
  // Longer than the patience of one statement.
  await Bun.sleep(16_000);
  await Promise.all([redis.open(), turso.open()]);
  await until("health", async () => (await fetch(`${other.url}/health`)).status === 200);
  expect((await post("https://example.com", other.url)).status).toBe(202);
  expect(await other.program.end("SIGTERM")).toBe(0);
}, LIMIT_MS);

test("no request is lost when it stops under load", async () => {
  const { program, port } = await start();
  const paths = ["/v1/jobs", "/health", "/v1/jobs?limit=1"];
  const visits = Array.from({ length: 30 }, (_, number) => visit(port, paths[number % 3] ?? "", 600));
  await Bun.sleep(1_000);
  expect(await program.end("SIGTERM")).toBe(0);
  expect((await Promise.all(visits)).filter(({ parting }) => parting !== "told to leave")).toEqual([]);
}, LIMIT_MS);

test("no request is lost while newer versions of it take over", async () => {
  const workspace = await copyPackages("api", "shared");
  const { program, url } = await start(workspace);
  let asking = true;
  const ask = async () => {
    const answers: number[] = [];
    while (asking) answers.push((await post("https://example.com", url)).status);
    return answers;
  };
  const clients = Array.from({ length: 4 }, ask);
  for (const number of ["one", "two", "three"]) {
    await edit(join(workspace, "api/src/server.ts"), "nothing", `${number}: nothing`);
    await until(number, async () => (await (await fetch(`${url}/v2`)).text()).includes(number));
  }
  asking = false;
  const answers = (await Promise.all(clients)).flat();
  expect(answers.filter((status) => status !== 202)).toEqual([]);
  // All are in the queue at once: no connection was closed under a request.
  expect((await stores.queue.depth()).waiting).toBe(answers.length);
  expect(program.log.filter(({ level }) => level !== "info")).toEqual([]);
  expect(await program.end("SIGTERM")).toBe(0);
  await rm(workspace, { recursive: true });
}, LIMIT_MS);
