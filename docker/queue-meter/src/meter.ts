/** Measures queues: at one time once for each, however many ask. */
import { measureBullmq } from "./bullmq.ts";
import { RedisError, type Ask } from "./commands.ts";
import type { Depth } from "./depth.ts";
import { explained } from "./kinds.ts";
import type { Log } from "./log.ts";
import type { Queue } from "./queues.ts";
import { redisInfo, type RedisInfo } from "./redis_info.ts";
import { measureList, measureStream } from "./simple.ts";

/** What a queue has, or why that cannot be told. */
export type Measured = { readonly depth: Depth } | { readonly reason: string };

/** What a store tells of itself, or why it does not. */
export type Told = { readonly info: RedisInfo } | { readonly reason: string };

/** A Redis, as the meter uses it. */
export interface MeteredStore {
  within<T>(limitMs: number, work: (ask: Ask) => Promise<T>): Promise<T>;
}

/** @throws RedisError, what is wrong with the queue's keys or the user's rights */
export async function measure(ask: Ask, queue: Queue): Promise<Depth> {
  try {
    return await typed(ask, queue);
  } catch (error) {
    throw error instanceof RedisError ? await explained(ask, error) : error;
  }
}

function typed(ask: Ask, queue: Queue): Promise<Depth> {
  switch (queue.type) {
    case "bullmq":
      return measureBullmq(ask, queue.prefix, queue.name);
    case "list":
      return measureList(ask, queue.name);
    case "stream":
      return measureStream(ask, queue.name, queue.group);
  }
}

export class Meter {
  readonly #underway = new Map<Queue, Promise<Measured>>();
  /** Why a queue could not be measured the last time. */
  readonly #reasons = new Map<Queue, string>();
  /** Why a store did not tell of itself the last time. */
  readonly #silent = new Map<string, string>();

  /** @param limitMs what one measuring may take, with the connecting */
  constructor(
    readonly queues: readonly Queue[],
    private readonly stores: ReadonlyMap<string, MeteredStore>,
    private readonly log: Log,
    private readonly limitMs: number,
  ) {}

  find(store: string, name: string): Queue | undefined {
    return this.queues.find((queue) => queue.store === store && queue.name === name);
  }

  /** Whoever asks while a measuring goes on gets its result. */
  measure(queue: Queue): Promise<Measured> {
    const underway = this.#underway.get(queue);
    if (underway !== undefined) return underway;
    const started = this.#measure(queue).finally(() => this.#underway.delete(queue));
    this.#underway.set(queue, started);
    return started;
  }

  /** What each store tells of itself, by name. */
  async tellStores(): Promise<readonly (readonly [string, Told])[]> {
    const told = [...this.stores].map(async ([name, store]) => [name, await this.#tell(name, store)] as const);
    return Promise.all(told);
  }

  async #tell(name: string, store: MeteredStore): Promise<Told> {
    try {
      const info = await store.within(this.limitMs, redisInfo);
      this.#silent.delete(name);
      return { info };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (this.#silent.get(name) !== reason) this.log("warn", "the store does not tell of itself", { store: name, reason });
      this.#silent.set(name, reason);
      return { reason };
    }
  }

  async #measure(queue: Queue): Promise<Measured> {
    try {
      const store = this.stores.get(queue.store);
      if (store === undefined) throw new Error(`there is no store ${queue.store}`);
      const depth = await store.within(this.limitMs, (ask) => measure(ask, queue));
      this.#note(queue, undefined);
      return { depth };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#note(queue, reason);
      return { reason };
    }
  }

  /** Logs what is new: scalers ask every few seconds. */
  #note(queue: Queue, reason: string | undefined): void {
    const before = this.#reasons.get(queue);
    if (reason === before) return;
    const { store, name } = queue;
    if (reason === undefined) {
      this.#reasons.delete(queue);
      this.log("info", "the queue can be measured again", { store, queue: name });
    } else {
      this.#reasons.set(queue, reason);
      this.log("warn", "cannot measure the queue", { store, queue: name, reason });
    }
  }
}
