/**
 * Prometheus metrics, and the port that they are served at. It is a port of their own: what Prometheus may read is not
 * what clients of the program may.
 */
import { collectDefaultMetrics, Counter, Histogram, Registry } from "prom-client";
import type { ConfigReader } from "./config.ts";

/** The catalog's `objectives.latency.within` is one of these: only at a bound a histogram tells exactly. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Those of one program. */
export function createRegistry(): Registry {
  const register = new Registry();
  collectDefaultMetrics({ register });
  return register;
}

/** Requests and how long they took, by route; never by path, of which clients can make any number. */
export class RequestMetrics {
  readonly #requests: Counter;
  readonly #durations: Histogram;

  constructor(registry: Registry) {
    this.#requests = new Counter({
      name: "http_requests_total",
      help: "Requests answered",
      labelNames: ["method", "route", "status"],
      registers: [registry],
    });
    this.#durations = new Histogram({
      name: "http_request_duration_seconds",
      help: "Time to answer a request",
      labelNames: ["method", "route"],
      buckets: SECONDS,
      registers: [registry],
    });
  }

  /** @param seconds how long the answer took */
  observe(method: string, route: string, status: number, seconds: number): void {
    this.#requests.inc({ method, route, status });
    this.#durations.observe({ method, route }, seconds);
  }
}

/** Where to serve them; undefined: nowhere. */
export function readMetricsPort(reader: ConfigReader): number | undefined {
  const port = reader.integer("METRICS_PORT", { min: 0, max: 65_535, fallback: 0 });
  return port === 0 ? undefined : port;
}

export interface MetricsServer {
  stop(): Promise<void>;
}

/**
 * Answers `GET /metrics` and nothing else. Without a port it does nothing. Under `bun --hot` a newer version of the program
 * gets the same server, so only a program that ends stops it.
 */
export function serveMetrics(port: number | undefined, scrape: () => Promise<string>): MetricsServer {
  if (port === undefined) return { stop: async () => {} };
  const headers = { "content-type": Registry.PROMETHEUS_CONTENT_TYPE };
  const server = Bun.serve({
    port,
    hostname: "0.0.0.0",
    reusePort: false,
    development: false,
    routes: { "/metrics": { GET: async () => new Response(await scrape(), { headers }) } },
    fetch: () => new Response("known is /metrics\n", { status: 404 }),
    error: () => new Response("the metrics cannot be told\n", { status: 500 }),
  });
  return { stop: () => server.stop(true) };
}
