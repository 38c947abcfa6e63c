import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { type Dashboard, startDashboard } from "./dashboard.ts";
import { fakeJob, SCREENSHOT } from "./fake_api.ts";

let dashboard: Dashboard;
beforeAll(async () => {
  dashboard = await startDashboard();
});
afterAll(() => dashboard.stop());
afterEach(() => {
  dashboard.api.override = undefined;
  dashboard.api.jobs.length = 0;
});

const OWN_PAGE = { "content-type": "application/json", "sec-fetch-site": "same-origin" };
const post = (body: string, headers: Record<string, string>) => dashboard.get("/jobs", { method: "POST", body, headers });
const messageOf = async (response: Response) => ((await response.json()) as { error: { message: string } }).error.message;

describe("every answer", () => {
  test.each(["/", "/health", "/jobs/unknown", "/nowhere", "/assets/nothing.js"])("of %p carries the safety headers", async (path) => {
    const { headers } = await dashboard.get(path);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
    expect(headers.get("content-security-policy")).toStartWith("default-src 'none'; ");
    expect(headers.get("content-security-policy")).not.toContain("unsafe");
  });

  test("names no inline script, no other origin, and lets no text become markup", async () => {
    const policy = (await dashboard.get("/")).headers.get("content-security-policy") ?? "";
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      "connect-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
  });
});

describe("the page and its files", () => {
  test("the page is asked for anew each time, its files never again", async () => {
    const page = await dashboard.get("/");
    expect(page.headers.get("cache-control")).toBe("no-cache");
    const files = (await page.text()).match(/\/assets\/[\w.]+/g) ?? [];
    expect(new Set(files.map((file) => file.split(".").pop()))).toEqual(new Set(["css", "js", "svg"]));
    for (const file of new Set(files)) {
      const response = await dashboard.get(file);
      expect(response.status).toBe(200);
      expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect(file).toMatch(/\.[0-9a-f]{12}\.(css|js|svg)$/);
    }
  });

  test("a page that the browser has is not sent again", async () => {
    const etag = (await dashboard.get("/")).headers.get("etag") ?? "";
    expect(etag).toMatch(/^W\/"[0-9a-f]{12}"$/);
    for (const known of [etag, `"other", ${etag}`, etag.replace("W/", "")]) {
      const response = await dashboard.get("/", { headers: { "if-none-match": known } });
      expect([response.status, await response.text()]).toEqual([304, ""]);
      expect(response.headers.get("etag")).toBe(etag);
      expect(response.headers.get("cache-control")).toBe("no-cache");
    }
    expect((await dashboard.get("/", { headers: { "if-none-match": 'W/"000000000000"' } })).status).toBe(200);
  });

  test.each(["br", "gzip", "identity"])("come as %s to who asks for it", async (coding) => {
    const page = await dashboard.get("/", { headers: { "accept-encoding": "identity" } });
    const paths = ["/", ...((await page.text()).match(/\/assets\/[\w.]+/g) ?? [])];
    for (const path of paths) {
      const [plain, coded] = await Promise.all(
        ["identity", coding].map((accepted) => dashboard.get(path, { headers: { "accept-encoding": accepted } })),
      );
      expect(coded?.headers.get("content-encoding")).toBe(coding === "identity" ? null : coding);
      expect(coded?.headers.get("vary")).toBe("accept-encoding");
      expect(await coded?.text()).toBe((await plain?.text()) ?? "");
    }
  });

  test("is healthy by itself, whatever the API does", async () => {
    dashboard.api.override = () => new Response("", { status: 503 });
    const response = await dashboard.get("/health");
    expect([response.status, await response.json()]).toEqual([200, { status: "ok" }]);
  });

  test("what is not there is a 404, also for other methods", async () => {
    expect((await dashboard.get("/nowhere")).status).toBe(404);
    expect((await dashboard.get("/jobs", { method: "DELETE" })).status).toBe(404);
  });
});

describe("posting", () => {
  const body = JSON.stringify({ url: "https://example.com/a" });

  test("forwards the URL, and only it, and answers with the id", async () => {
    const response = await post(JSON.stringify({ url: "https://example.com/a", status: "done" }), OWN_PAGE);
    expect(response.status).toBe(202);
    const [job] = dashboard.api.jobs;
    expect(await response.json()).toEqual({ id: job?.id });
    expect(job).toMatchObject({ url: "https://example.com/a", status: "queued" });
    expect(dashboard.logs.at(-1)).toContain(`"job":"${job?.id}"`);
  });

  test("passes on why the API refuses", async () => {
    const response = await post('{"url": "nonsense"}', OWN_PAGE);
    expect([response.status, await messageOf(response)]).toEqual([400, "url is not a URL; expected https://host/path"]);
  });

  test("says that the API is away", async () => {
    dashboard.api.override = () => Response.json({ error: { message: "the database does not answer" } }, { status: 503 });
    const response = await post(body, OWN_PAGE);
    expect([response.status, await messageOf(response)]).toEqual([502, "the database does not answer"]);
  });

  const foreign: [string, Record<string, string>][] = [
    ["another site", { "sec-fetch-site": "cross-site" }],
    ["another subdomain", { "sec-fetch-site": "same-site" }],
    ["an address bar", { "sec-fetch-site": "none" }],
    ["another origin, in an old browser", { origin: "https://evil.example" }],
    ["a sandboxed frame", { origin: "null" }],
    ["something that says nothing", {}],
  ];
  test.each(foreign)("from %s is refused before the API hears of it", async (_, headers) => {
    const response = await post(body, { "content-type": "application/json", ...headers });
    expect(response.status).toBe(403);
    expect(dashboard.api.jobs).toBeEmpty();
  });

  test("is allowed by the Origin where the browser sends nothing better", async () => {
    const response = await post(body, { "content-type": "application/json", origin: dashboard.url.origin });
    expect(response.status).toBe(202);
  });

  const unusable: [string, string, string][] = [
    ["a form's type", "text/plain", body],
    ["no JSON", "application/json", "{"],
    ["null", "application/json", "null"],
    ["no url", "application/json", "{}"],
    ["a url that is no text", "application/json", '{"url": ["https://example.com"]}'],
  ];
  test.each(unusable)("%s is a 400", async (_, type, text) => {
    const response = await post(text, { ...OWN_PAGE, "content-type": type });
    expect(response.status).toBe(400);
    expect(dashboard.api.jobs).toBeEmpty();
  });

  test("too much is a 413", async () => {
    expect((await post("x".repeat(20_000), OWN_PAGE)).status).toBe(413);
  });
});

describe("one job", () => {
  test("is given with its text, and not kept", async () => {
    const job = fakeJob({ title: '</script><img src=x onerror="alert(1)">' });
    dashboard.api.jobs.push(job);
    const response = await dashboard.get(`/jobs/${job.id}`);
    expect(response.headers.get("content-type")).toStartWith("application/json");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toMatchObject({ id: job.id, title: job.title, text: job.text, httpStatus: 200 });
  });

  test.each(["..%2f..%2fmetrics", "x", "%00", "01a20912-c6b9-7354-a61c-702c1fc0c198%3flimit"])("%p is no id, the API is not asked", async (id) => {
    const before = dashboard.api.requests.length;
    expect((await dashboard.get(`/jobs/${id}`)).status).toBe(404);
    expect((await dashboard.get(`/jobs/${id}/screenshot`)).status).toBe(404);
    expect(dashboard.api.requests).toHaveLength(before);
  });

  test("that the API does not know is a 404", async () => {
    const response = await dashboard.get(`/jobs/${Bun.randomUUIDv7()}`);
    expect([response.status, await messageOf(response)]).toEqual([404, "there is no such job"]);
  });
});

describe("a screenshot", () => {
  const path = () => `/jobs/${Bun.randomUUIDv7()}/screenshot`;

  test("comes from the API with its type, and may be kept by this browser", async () => {
    const job = fakeJob();
    dashboard.api.jobs.push(job);
    const response = await dashboard.get(`/jobs/${job.id}/screenshot`);
    expect(response.headers.get("content-type")).toBe("image/webp");
    expect(response.headers.get("cache-control")).toBe("private, max-age=86400, immutable");
    expect(response.headers.get("content-security-policy")).toContain("sandbox");
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(SCREENSHOT);
  });

  test.each(["text/html", "image/svg+xml", "application/octet-stream", ""])("of type %p is not passed on", async (type) => {
    dashboard.api.override = () => new Response("<script>alert(1)</script>", { headers: { "content-type": type } });
    const response = await dashboard.get(path());
    expect(response.status).toBe(502);
    expect(response.headers.get("content-type")).toStartWith("application/json");
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("is not looked for where the API redirects to", async () => {
    dashboard.api.override = () => Response.redirect("http://127.0.0.1:1/elsewhere");
    expect((await dashboard.get(path())).status).toBe(502);
  });
});

test("requests are counted by route, and no client is told", async () => {
  await dashboard.get("/jobs/x");
  expect(await dashboard.metrics()).toMatch(/^http_requests_total\{method="GET",route="\/jobs\/:id",status="404"\} \d+$/m);
  expect((await dashboard.get("/metrics")).status).toBe(404);
});
