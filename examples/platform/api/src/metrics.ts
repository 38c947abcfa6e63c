/** What the API tells Prometheus. */
import type { JobStatus } from "@platform/shared/job";
import type { Logger } from "@platform/shared/log";
import { createRegistry, RequestMetrics } from "@platform/shared/metrics";
import { errorText, withTimeout } from "@platform/shared/time";
import { Gauge } from "prom-client";

/** Where the gauges come from, at each scrape. */
export interface Sources {
  jobsByStatus(): Promise<Readonly<Record<JobStatus, number>>>;
  /** Jobs by state of the queue: waiting, active, delayed … */
  queueDepth(): Promise<Readonly<Record<string, number>>>;
}

const SCRAPE_LIMIT_MS = 2_000;

export class Metrics {
  readonly #registry = createRegistry();
  readonly #requests = new RequestMetrics(this.#registry);
  readonly #sources: Sources;
  readonly #log: Logger;
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
  }

  /** @param seconds how long the answer took */
  observe(method: string, route: string, status: number, seconds: number): void {
    this.#requests.observe(method, route, status, seconds);
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
