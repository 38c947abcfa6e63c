import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { eventStream } from "../src/events.ts";
import { Feed } from "../src/feed.ts";
import { type Dashboard, events, next, startDashboard } from "./dashboard.ts";
import { fakeJob } from "./fake_api.ts";

let dashboard: Dashboard;
beforeEach(async () => {
  dashboard = await startDashboard();
});
afterEach(() => dashboard.stop());

const AVAILABLE = { available: true, reason: null };
const lists = () => dashboard.api.requests.filter((request) => request.startsWith("GET /v1/jobs?")).length;

describe("the stream", () => {
  test("is one of events, says hello, then gives everything without the texts", async () => {
    const job = fakeJob();
    dashboard.api.jobs.push(job);
    const stream = events(dashboard);
    const hello = await stream.next();
    expect(hello.value).toEqual({ name: "hello", data: { build: expect.stringMatching(/^[0-9a-f]{12}$/), now: expect.any(Number) } });
    const { jobs } = (await next(stream)) as { jobs: Record<string, unknown>[] };
    expect(jobs).toHaveLength(1);
    expect(jobs[0]).toMatchObject({ id: job.id, createdAt: Date.parse("2026-11-23T10:00:00Z"), milliseconds: 1_234 });
    expect(jobs[0]).not.toHaveProperty("text");
    await stream.return();
  });

  test("then tells only what changed: new, different, gone", async () => {
    const [kept, changed, gone] = [fakeJob(), fakeJob({ status: "active" }), fakeJob()];
    dashboard.api.jobs.push(kept, changed, gone);
    const stream = events(dashboard);
    await next(stream);
    const added = fakeJob();
    changed.status = "done";
    dashboard.api.jobs.splice(2, 1, added);
    const change = await next(stream);
    expect((change.jobs as { id: string }[]).map((job) => job.id).sort()).toEqual([changed.id, added.id].sort());
    expect(change.removed).toEqual([gone.id]);
    await stream.return();
  });

  test("ends after a while, so that the session is looked at again", async () => {
    const feed = new Feed(async () => []);
    const text = await new Response(eventStream(feed, "build", 50)).text();
    expect(text).toStartWith("event: hello\n");
    feed.close();
  });

  test("asks the API once for all clients together", async () => {
    const streams = Array.from({ length: 20 }, () => events(dashboard));
    await Promise.all(streams.map(next));
    const before = lists();
    dashboard.api.jobs.push(fakeJob());
    await Promise.all(streams.map(next));
    expect(lists() - before).toBeLessThanOrEqual(2);
    await Promise.all(streams.map((stream) => stream.return()));
  });

  test("does not ask while nobody looks", async () => {
    const stream = events(dashboard);
    await next(stream);
    await stream.return();
    await Bun.sleep(50);
    const before = lists();
    await Bun.sleep(1_300);
    expect(lists()).toBe(before);
  });

  test("gives a later client a snapshot of its own", async () => {
    const first = events(dashboard);
    expect(await next(first)).toEqual({ type: "snapshot", jobs: [], api: AVAILABLE });
    const second = events(dashboard);
    expect(await next(second)).toEqual({ type: "snapshot", jobs: [], api: AVAILABLE });
    await Promise.all([first.return(), second.return()]);
  });

  test("ends when the feed is closed", async () => {
    const stream = events(dashboard);
    await next(stream);
    dashboard.feed.close();
    expect((await stream.next()).done).toBe(true);
  });

  test("shows a posted job without waiting for the next second", async () => {
    const stream = events(dashboard);
    await next(stream);
    const headers = { "content-type": "application/json", "sec-fetch-site": "same-origin" };
    await Bun.sleep(50);
    const started = performance.now();
    await dashboard.get("/jobs", { method: "POST", body: '{"url": "https://example.com/"}', headers });
    expect(await next(stream)).toMatchObject({ type: "change", jobs: [{ status: "queued" }] });
    expect(performance.now() - started).toBeLessThan(600);
    await stream.return();
  });
});

describe("an API that is away", () => {
  const away = (reason: string) => ({ available: false, reason });

  test("is told, what was known stays, and so is its return", async () => {
    dashboard.api.jobs.push(fakeJob());
    const stream = events(dashboard);
    await next(stream);
    dashboard.api.override = () => new Response("", { status: 503 });
    expect(await next(stream)).toEqual({ type: "api", api: away("the API answers with status 503") });
    dashboard.api.override = undefined;
    expect(await next(stream)).toEqual({ type: "api", api: AVAILABLE });
    await stream.return();
  });

  test("from the start leaves the list unknown, which is not empty", async () => {
    await dashboard.api.stop();
    const stream = events(dashboard);
    expect(await next(stream)).toEqual({ type: "snapshot", jobs: null, api: away("the API does not answer") });
    await stream.return();
  });

  test.each([
    ["no JSON", "<html>", "the API did not answer with JSON"],
    ["no list", '{"jobs": {}}', "the API's answer is not understood: jobs is not a list"],
    ["a broken job", '{"jobs": [{"id": 7}]}', "the API's answer is not understood: id is not a string"],
  ])("or answers with %s is told apart by the reason", async (_, body, reason) => {
    dashboard.api.override = () => new Response(body);
    const stream = events(dashboard);
    expect(await next(stream)).toMatchObject({ jobs: null, api: away(reason) });
    await stream.return();
  });
});

test("hostile titles stay inside their event", async () => {
  const title = "a\n\nevent: hello\ndata: {}\r\n\u2028\u2029</script>\u0000\ud800";
  dashboard.api.jobs.push(fakeJob({ title, url: "javascript:alert(1)\n\ndata: x" }));
  const stream = events(dashboard);
  const { jobs } = (await next(stream)) as { jobs: { title: string }[] };
  expect(jobs[0]?.title).toBe(title);
  await stream.return();
});
