/** Prometheus metrics. */
import type { JobStatus } from "@platform/shared/job";
import { errorText, withTimeout } from "@platform/shared/time";
import type { Logger } from "@platform/shared/log";
import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** Where the gauges come from, at each scrape. */
export interface Sources {
  jobsByStatus(): Promise<Readonly<Record<JobStatus, number>>>;
  /** Jobs by state of the queue: waiting, active, delayed … */
  queueDepth(): Promise<Readonly<Record<string, number>>>;
}

const SCRAPE_LIMIT_MS = 2_000;
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export class Metrics {
  readonly #registry = new Registry();
  readonly #sources: Sources;
  readonly #log: Logger;
  readonly #requests = new Counter({
    name: "http_requests_total",
    help: "Requests answered",
    labelNames: ["method", "route", "status"],
    registers: [this.#registry],
  });
  readonly #durations = new Histogram({
    name: "http_request_duration_seconds",
    help: "Time to answer a request",
    labelNames: ["method", "route"],
    buckets: SECONDS,
    registers: [this.#registry],
  });
  readonly #jobs = new Gauge({
    name: "jobs",
    help: "Jobs in the database by status",
    labelNames: ["status"],
    registers: [this.#registry],
  });
  readonly #queue = new Gauge({
    name: "queue_depth",
    help: "Jobs in the queue by state",
    labelNames: ["state"],
    registers: [this.#registry],
  });

  constructor(sources: Sources, log: Logger) {
    this.#sources = sources;
    this.#log = log;
    new Gauge({
      name: "process_resident_memory_bytes",
      help: "Resident memory",
      registers: [this.#registry],
      collect() {
        this.set(process.memoryUsage.rss());
      },
    });
  }

  readonly contentType = this.#registry.contentType;

  /** @param seconds how long the answer took */
  observe(method: string, route: string, status: number, seconds: number): void {
    this.#requests.inc({ method, route, status });
    this.#durations.observe({ method, route }, seconds);
  }

  /** The text format. A gauge whose source does not answer is left out, rather than stale. */
  async scrape(): Promise<string> {
    await Promise.all([
      this.#fill(this.#jobs, "status", () => this.#sources.jobsByStatus()),
      this.#fill(this.#queue, "state", () => this.#sources.queueDepth()),
    ]);
    return this.#registry.metrics();
  }

  async #fill<L extends string>(gauge: Gauge<L>, label: L, source: () => Promise<Readonly<Record<string, number>>>) {
    gauge.reset();
    try {
      const values = await withTimeout(source(), SCRAPE_LIMIT_MS, `counting by ${label}`);
      for (const [key, value] of Object.entries(values)) gauge.labels(key).set(value);
    } catch (error) {
      this.#log.warn({ reason: errorText(error) }, "a metric is missing");
    }
  }
}
