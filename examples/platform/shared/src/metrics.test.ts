import { expect, test } from "bun:test";
import { readConfig } from "./config.ts";
import { createRegistry, readMetricsPort, RequestMetrics, serveMetrics } from "./metrics.ts";

/** A port that nobody has. */
async function freePort(): Promise<number> {
  const probe = Bun.serve({ port: 0, fetch: () => new Response() });
  const port = probe.port ?? 0;
  await probe.stop(true);
  return port;
}

test("requests are counted by route and status, and their time by bounds", async () => {
  const registry = createRegistry();
  const requests = new RequestMetrics(registry);
  requests.observe("GET", "/v1/jobs/:id", 200, 0.2);
  requests.observe("GET", "/v1/jobs/:id", 503, 3);
  const text = await registry.metrics();
  expect(text).toContain('http_requests_total{method="GET",route="/v1/jobs/:id",status="503"} 1');
  expect(text).toContain('http_request_duration_seconds_bucket{le="0.1",method="GET",route="/v1/jobs/:id"} 0');
  expect(text).toContain('http_request_duration_seconds_bucket{le="0.25",method="GET",route="/v1/jobs/:id"} 1');
});

test("the process tells when it began and what it takes", async () => {
  const text = await createRegistry().metrics();
  expect(text).toMatch(/^process_start_time_seconds \d+$/m);
  expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
});

test("they are served at a port of their own, and nothing else is", async () => {
  const port = await freePort();
  const server = serveMetrics(port, async () => "up 1\n");
  const get = (path: string, method = "GET") => fetch(`http://127.0.0.1:${port}${path}`, { method });
  const answer = await get("/metrics");
  expect(answer.headers.get("content-type")).toStartWith("text/plain; version=0.0.4");
  expect(await answer.text()).toBe("up 1\n");
  expect((await get("/")).status).toBe(404);
  expect((await get("/metrics", "POST")).status).toBe(404);
  await server.stop();
  expect(get("/metrics")).rejects.toThrow();
});

test("an error is not told to who scrapes", async () => {
  const port = await freePort();
  const server = serveMetrics(port, () => Promise.reject(new Error("a secret")));
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(answer.status).toBe(500);
  expect(await answer.text()).toBe("the metrics cannot be told\n");
  await server.stop();
});

test("without METRICS_PORT there are none", async () => {
  expect(readConfig({}, readMetricsPort)).toBeUndefined();
  expect(readConfig({ METRICS_PORT: "9464" }, readMetricsPort)).toBe(9464);
  await serveMetrics(undefined, async () => "").stop();
});
