/** The dashboard's server in front of a fake API, and a reader of its events. */
import { Drain } from "@platform/shared/drain";
import { createLogger } from "@platform/shared/log";
import { createRegistry, RequestMetrics } from "@platform/shared/metrics";
import { ApiClient } from "../src/api.ts";
import { buildAssets } from "../src/assets.ts";
import type { Auth } from "../src/auth/index.ts";
import { Feed } from "../src/feed.ts";
import { startServer } from "../src/server.ts";
import { type FakeApi, startFakeApi } from "./fake_api.ts";

export interface Dashboard {
  readonly api: FakeApi;
  readonly url: URL;
  readonly feed: Feed;
  readonly logs: string[];
  /** What Prometheus would be told. */
  metrics(): Promise<string>;
  get(path: string, init?: RequestInit): Promise<Response>;
  stop(): Promise<void>;
}

export async function startDashboard(auth: Auth = {}, platformName = "atlas"): Promise<Dashboard> {
  const api = startFakeApi();
  const client = new ApiClient(api.url);
  const feed = new Feed(() => client.list());
  const logs: string[] = [];
  const log = createLogger("dashboard", "debug", { write: (line) => logs.push(line) });
  const assets = await buildAssets(platformName, api.url.port);
  const registry = createRegistry();
  const metrics = new RequestMetrics(registry);
  const server = startServer(0, { api: client, auth, feed, assets, drain: new Drain(), metrics, log });
  return {
    api,
    url: server.url,
    feed,
    logs,
    metrics: () => registry.metrics(),
    get: (path, init) => fetch(new URL(path, server.url), init),
    stop: async () => {
      feed.close();
      await server.stop(true);
      await api.stop();
    },
  };
}

export interface StreamEvent {
  readonly name: string;
  readonly data: Record<string, unknown>;
}

/** The events of one connection; return() ends it. */
export async function* events(dashboard: Dashboard): AsyncGenerator<StreamEvent, void> {
  const response = await dashboard.get("/events");
  if (response.body === null) throw new Error("no body");
  let rest = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + chunk).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) yield parse(block);
  }
}

/** The next event that is not `hello` or `ping`. */
export async function next(stream: AsyncGenerator<StreamEvent, void>): Promise<StreamEvent["data"]> {
  for (;;) {
    const { value } = await stream.next();
    if (!value) throw new Error("the stream has ended");
    if (value.name !== "hello" && value.name !== "ping") return value.data;
  }
}

function parse(block: string): StreamEvent {
  const [first = "", second = "", ...more] = block.split("\n");
  if (!first.startsWith("event: ") || !second.startsWith("data: ") || more.length > 0) {
    throw new Error(`not one event with one line of data: ${block}`);
  }
  return { name: first.slice("event: ".length), data: JSON.parse(second.slice("data: ".length)) };
}
