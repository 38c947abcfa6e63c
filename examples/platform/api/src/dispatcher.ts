/** Brings jobs from the database, which is the truth, to the queue, which only delivers. */
import type { JobStore } from "@platform/shared/job_store";
import type { Logger } from "@platform/shared/log";
import { errorText, pause, withTimeout } from "@platform/shared/time";

/** What the dispatcher needs of the queue. Adding an id twice is harmless: BullMQ keeps the first. */
export interface Delivery {
  isConnected(): boolean;
  add(id: string): Promise<unknown>;
  /** Whether the queue has the job, in whatever state. */
  has(id: string): Promise<boolean>;
}

const ADD_LIMIT_MS = 2_000;
const ROUND_LIMIT_MS = 10_000;
const INTERVAL_MS = 3_000;
// A younger job is still on its way from the request that made it.
const GRACE_MS = 5_000;
const PAGE = 200;

export class Dispatcher {
  readonly #store: Pick<JobStore, "unfinished">;
  readonly #delivery: Delivery;
  readonly #log: Logger;
  readonly #stop = new AbortController();
  #afterId = "";
  #loop: Promise<void> = Promise.resolve();

  constructor(store: Pick<JobStore, "unfinished">, delivery: Delivery, log: Logger) {
    this.#store = store;
    this.#delivery = delivery;
    this.#log = log;
  }

  /** Adds a new job to the queue, or leaves it to the next round. Never throws: the job is in the database. */
  async dispatch(id: string): Promise<void> {
    try {
      if (!this.#delivery.isConnected()) throw new Error("Redis is not connected");
      await withTimeout(this.#delivery.add(id), ADD_LIMIT_MS, "adding to the queue");
    } catch (error) {
      this.#log.warn({ job: id, reason: errorText(error) }, "the queue does not take the job, it stays queued");
    }
  }

  /**
   * Adds one page of the unfinished jobs that the queue does not know: the queue was away when they came, or lost them.
   * The next round goes on behind it. Returns how many were added.
   */
  async round(now = new Date()): Promise<number> {
    if (!this.#delivery.isConnected()) return 0;
    const ids = await this.#store.unfinished(this.#afterId, new Date(now.getTime() - GRACE_MS), PAGE);
    this.#afterId = ids.length === PAGE ? (ids.at(-1) ?? "") : "";
    const added = await withTimeout(Promise.all(ids.map((id) => this.#addMissing(id))), ROUND_LIMIT_MS, "a round");
    return added.filter(Boolean).length;
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        const added = await this.round();
        if (added > 0) this.#log.info({ added }, "jobs brought back to the queue");
      } catch (error) {
        this.#log.warn({ reason: errorText(error) }, "a round of bringing jobs to the queue failed");
      }
      // The jitter keeps several replicas apart.
      await pause(INTERVAL_MS * (0.75 + Math.random() / 2), signal);
    }
  }

  async #addMissing(id: string): Promise<boolean> {
    if (await this.#delivery.has(id)) return false;
    await this.#delivery.add(id);
    return true;
  }
}
