/** What is in a queue. */

export interface Depth {
  /** Whether Redis has anything of the queue; without, every number is 0. */
  readonly exists: boolean;
  /** Jobs that a worker can take now, or could if the queue were not paused. */
  readonly waiting: number;
  readonly prioritized: number;
  /** All jobs that wait for their time, those whose time has come too. */
  readonly delayed: number;
  /** The part of `delayed` whose time has come, and which only a worker moves to `waiting`. */
  readonly due_delayed: number;
  readonly active: number;
  readonly paused: boolean;
  readonly failed: number;
  /**
   * How long the oldest job of each state has been there, by the clock of Redis; null if there is none, or if the queue
   * does not tell. Of waiting and of prioritized jobs that is the next one.
   */
  readonly oldest_waiting_seconds: number | null;
  readonly oldest_prioritized_seconds: number | null;
  /** How long a worker could have moved on the delayed job that is due first; 0 while none is due. */
  readonly oldest_delayed_seconds: number | null;
  /** How long the job that was taken first has been worked on. */
  readonly oldest_active_seconds: number | null;
  /** Jobs that call for replicas now. */
  readonly demand: number;
}

export type Counts = Omit<Depth, "exists" | "demand">;

/** What nothing was found of. */
export const EMPTY: Counts = {
  waiting: 0,
  prioritized: 0,
  delayed: 0,
  due_delayed: 0,
  active: 0,
  paused: false,
  failed: 0,
  oldest_waiting_seconds: null,
  oldest_prioritized_seconds: null,
  oldest_delayed_seconds: null,
  oldest_active_seconds: null,
};

export const MISSING: Depth = { exists: false, ...EMPTY, demand: 0 };

/** A paused queue starts no job, so only what runs already needs its replicas. */
export function demandOf(counts: Counts): number {
  const startable = counts.paused ? 0 : counts.waiting + counts.prioritized + counts.due_delayed;
  return startable + counts.active;
}

/** The depth of a queue that is there. */
export function depthOf(counts: Partial<Counts>): Depth {
  const all = { ...EMPTY, ...counts };
  return { exists: true, ...all, demand: demandOf(all) };
}

/** Seconds since a moment in milliseconds, to the millisecond; a moment ahead of Redis's clock counts as now. */
export function ageSeconds(nowMs: number, sinceMs: number): number {
  return Math.max(0, Math.floor(nowMs) - Math.floor(sinceMs)) / 1000;
}
