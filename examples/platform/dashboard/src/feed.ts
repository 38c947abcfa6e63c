/**
 * The live list of jobs. One loop asks the API once per second for all subscribers together, and runs only while
 * there is at least one; a subscriber gets one snapshot, then changes only.
 */
import type { JobSummary } from "./job.ts";

export interface ApiState {
  readonly available: boolean;
  /** What is wrong, if it is not available. */
  readonly reason: string | null;
}

export type FeedEvent =
  /** All there is. `jobs` is null as long as the API has never answered, which is not the same as no jobs. */
  | { readonly type: "snapshot"; readonly jobs: readonly JobSummary[] | null; readonly api: ApiState }
  | { readonly type: "change"; readonly jobs: readonly JobSummary[]; readonly removed: readonly string[] }
  | { readonly type: "api"; readonly api: ApiState };

export interface Subscriber {
  send(event: FeedEvent): void;
  /** The feed ends; nothing is sent any more. */
  end(): void;
}

type Jobs = ReadonlyMap<string, JobSummary>;
interface State {
  readonly jobs: Jobs | null;
  readonly api: ApiState;
}

const INTERVAL_MS = 1_000;
const AVAILABLE: ApiState = { available: true, reason: null };

export class Feed {
  readonly #list: () => Promise<JobSummary[]>;
  readonly #onApiState: (api: ApiState) => void;
  readonly #subscribers = new Set<Subscriber>();
  /** Undefined until the loop has asked once: what an earlier loop saw may be old. */
  #state: State | undefined;
  #loop: Promise<void> | undefined;
  #wake: () => void = () => {};
  #available = true;

  /** `onApiState` is told when the API goes away and when it is back. */
  constructor(list: () => Promise<JobSummary[]>, onApiState: (api: ApiState) => void = () => {}) {
    this.#list = list;
    this.#onApiState = onApiState;
  }

  /** Returns the function that ends the subscription. */
  subscribe(subscriber: Subscriber): () => void {
    this.#subscribers.add(subscriber);
    if (this.#state !== undefined) subscriber.send(snapshot(this.#state));
    this.#loop ??= this.#run();
    return () => {
      this.#subscribers.delete(subscriber);
      if (this.#subscribers.size === 0) this.#wake();
    };
  }

  /** Asks the API now instead of at the end of the current second. */
  refresh(): void {
    this.#wake();
  }

  /** Ends all subscriptions, and with them the loop. */
  close(): void {
    const ending = [...this.#subscribers];
    this.#subscribers.clear();
    for (const subscriber of ending) subscriber.end();
    this.#wake();
  }

  async #run(): Promise<void> {
    while (this.#subscribers.size > 0) {
      this.#take(await this.#poll());
      if (this.#subscribers.size > 0) await this.#pause();
    }
    this.#state = undefined;
    this.#loop = undefined;
  }

  async #poll(): Promise<State> {
    try {
      const jobs = await this.#list();
      return { jobs: new Map(jobs.map((job) => [job.id, job])), api: AVAILABLE };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { jobs: this.#state?.jobs ?? null, api: { available: false, reason } };
    }
  }

  #take(next: State): void {
    const previous = this.#state;
    this.#state = next;
    if (this.#available !== next.api.available) this.#onApiState(next.api);
    this.#available = next.api.available;
    const events = previous === undefined ? [snapshot(next)] : changes(previous, next);
    for (const event of events) {
      for (const subscriber of this.#subscribers) subscriber.send(event);
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, INTERVAL_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function snapshot({ api, jobs }: State): FeedEvent {
  return { type: "snapshot", jobs: jobs && [...jobs.values()], api };
}

/** What a client that knows `previous` must be told to know `next`. */
function changes(previous: State, next: State): FeedEvent[] {
  const known = previous.jobs;
  if (known === null || next.jobs === null) return Bun.deepEquals(previous, next) ? [] : [snapshot(next)];
  const events: FeedEvent[] = [];
  if (!Bun.deepEquals(previous.api, next.api)) events.push({ type: "api", api: next.api });
  const jobs = [...next.jobs.values()].filter((job) => !Bun.deepEquals(job, known.get(job.id)));
  const removed = [...known.keys()].filter((id) => !next.jobs?.has(id));
  if (jobs.length > 0 || removed.length > 0) events.push({ type: "change", jobs, removed });
  return events;
}
