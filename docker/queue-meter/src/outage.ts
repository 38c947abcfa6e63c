/**
 * What those who scale are told while a queue cannot be measured.
 *
 * An error means to an autoscaler that the replicas stay. But KEDA 2.20 and 2.21 now and then take one for "nothing to
 * do" while the HPA asks, too, and end every replica once the cooldown is over. So an error is told for moments only,
 * which become events of the ScaledObject, and in between what was measured last.
 */
import type { Depth } from "./depth.ts";
import type { Measured } from "./meter.ts";
import type { Queue } from "./queues.ts";

const TOLD_EVERY_MS = 60_000;
/** KEDA's look and its second try fall into it, if it looks every second; its cooldown is longer. */
const TOLD_FOR_MS = 3_000;

/** What was measured last, how long ago, and why it cannot be measured now. */
export type Stale = Depth & { readonly stale_seconds: number; readonly reason: string };

interface Last {
  readonly depth: Depth;
  readonly atMs: number;
  /** When the queue could not be measured for the first time since. */
  failingMs?: number;
}

export class Outages {
  readonly #last = new Map<Queue, Last>();

  /** @param nowMs a clock that never goes back */
  constructor(private readonly nowMs: () => number) {}

  /** What to tell. A queue that was never measured has nothing but its error. */
  told(queue: Queue, measured: Measured): Measured | Stale {
    const now = this.nowMs();
    if ("depth" in measured) {
      this.#last.set(queue, { depth: measured.depth, atMs: now });
      return measured;
    }
    const last = this.#last.get(queue);
    if (last === undefined) return measured;
    last.failingMs ??= now;
    if ((now - last.failingMs) % TOLD_EVERY_MS < TOLD_FOR_MS) return measured;
    const stale_seconds = Math.floor((now - last.atMs) / 1000);
    return { ...last.depth, stale_seconds, reason: measured.reason };
  }
}
