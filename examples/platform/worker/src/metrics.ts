/** What the worker tells Prometheus. */
import { createRegistry } from "@platform/shared/metrics";
import { Counter, Histogram } from "prom-client";

/** How a delivery of a job ended; done and failed are the ends of the job itself. */
export const RESULTS = ["done", "failed", "retried", "waiting", "handed back"] as const;
export type Result = (typeof RESULTS)[number];

const FETCH_SECONDS = [0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120];

export class Metrics {
  readonly #registry = createRegistry();
  readonly #jobs = new Counter({
    name: "jobs_total",
    help: "Deliveries of jobs by how they ended",
    labelNames: ["result"],
    registers: [this.#registry],
  });
  readonly #fetches = new Histogram({
    name: "fetch_duration_seconds",
    help: "Time from the start of a task's container to its end",
    labelNames: ["task", "result"],
    buckets: FETCH_SECONDS,
    registers: [this.#registry],
  });

  constructor() {
    // A counter that begins with its first event would hide that event from rate().
    for (const result of RESULTS) this.#jobs.inc({ result }, 0);
  }

  ended(result: Result): void {
    this.#jobs.inc({ result });
  }

  /** @param ok whether the task brought what it was started for */
  fetched(task: string, ok: boolean, seconds: number): void {
    this.#fetches.observe({ task, result: ok ? "ok" : "error" }, seconds);
  }

  /** The text format. */
  scrape(): Promise<string> {
    return this.#registry.metrics();
  }
}
