/**
 * A queue of BullMQ 4 to 6. Keys are `<prefix>:<name>:<state>`:
 * - wait, active: lists; paused: a list too, in which version 4 and 5 keep the waiting jobs of a paused queue
 * - prioritized, delayed, failed, completed: sorted sets; scores of delayed are milliseconds * 4096 + a counter
 * - meta: a hash, with the field `paused` while the queue is paused
 * - a job's id: a hash, with `timestamp`, when it was added, and `processedOn`, when a worker took it, in milliseconds
 * https://docs.bullmq.io
 */
import { allDone, list, milliseconds, score, whole, type Ask, type Command } from "./commands.ts";
import { MISSING, ageSeconds, depthOf, type Depth } from "./depth.ts";

/** Any of them shows that there is a queue. Workers alone leave other keys, such as stalled-check. */
const KEYS = ["meta", "id", "wait", "paused", "active", "prioritized", "delayed", "failed", "completed"] as const;

/** How many entries of a list are looked at from each end. */
const LOOK = 10;

/** How much a millisecond is in the scores of delayed. */
const PER_MILLISECOND = 4096;

/** Version 4 leaves `0:<milliseconds>` in the lists to wake workers. */
const isMarker = (entry: unknown): boolean => String(entry).startsWith("0:");
const jobsOf = (entries: readonly unknown[]) => entries.filter((entry) => !isMarker(entry)).map(String);

/** One list of waiting jobs: how many, and the id of the job that is next. */
interface Waiting {
  readonly jobs: number;
  readonly next: string | undefined;
}

/** @param head the first and @param tail the last `LOOK` entries, in a short list the same ones; the last is next */
function waitingIn(length: number, head: readonly unknown[], tail: readonly unknown[]): Waiting {
  // A marker comes only into an empty list, so there is one at the most. Jobs come before it, and those that are to
  // be next (LIFO, stalled, of a flow, held back by a rate limit) behind it.
  const marked = [...head, ...tail].some(isMarker);
  return { jobs: Math.max(0, length - (marked ? 1 : 0)), next: jobsOf(tail).at(-1) };
}

/** How long a list is, and its ends. */
const lookInto = (key: string): readonly Command[] => [
  ["LLEN", key],
  ["LRANGE", key, "0", String(LOOK - 1)],
  ["LRANGE", key, String(-LOOK), "-1"],
];

function firstRound(key: (state: string) => string): readonly Command[] {
  return [
    ["TIME"],
    ["EXISTS", ...KEYS.map(key)],
    ["HGET", key("meta"), "paused"],
    ["LLEN", key("active")],
    // What was taken first is last; that, or what is before it, may be a marker.
    ["LRANGE", key("active"), "-2", "-1"],
    ["ZCARD", key("prioritized")],
    ["ZRANGE", key("prioritized"), "0", "0"],
    ["ZCARD", key("delayed")],
    ["ZRANGE", key("delayed"), "0", "0", "WITHSCORES"],
    ["ZCARD", key("failed")],
    ...lookInto(key("wait")),
    ...lookInto(key("paused")),
  ];
}

/** The last score that is due: BullMQ takes every job of the millisecond that has begun. */
export function lastDueScore(nowMs: number): string {
  return ((BigInt(Math.floor(nowMs)) + 1n) * BigInt(PER_MILLISECOND) - 1n).toString();
}

/** A job whose hash tells since when it has been in a state. */
interface Since {
  readonly state: "waiting" | "prioritized" | "active";
  readonly id: string;
  readonly field: "timestamp" | "processedOn";
}

/** How long the job that is due first has been so; null without any. @param first its id and score, if there is one */
function overdueSeconds(nowMs: number, first: readonly unknown[]): number | null {
  return first.length === 0 ? null : ageSeconds(nowMs, score(first[1]) / PER_MILLISECOND);
}

/**
 * Measures with two pipelines; the second one asks what is due, for which the first one brought the time, and since
 * when the oldest jobs have been there, for which it brought their ids.
 */
export async function measureBullmq(ask: Ask, prefix: string, name: string): Promise<Depth> {
  const key = (state: string) => `${prefix}:${name}:${state}`;
  const first = allDone(await ask(firstRound(key)));
  const [time, found, paused, active, taken, prioritized, foremost, delayed, dueFirst, failed, ...lists] = first;
  if (whole(found) === 0) return MISSING;
  const now = milliseconds(time);
  const waiting = [0, 3].map((at) => waitingIn(whole(lists[at]), list(lists[at + 1]), list(lists[at + 2])));
  const next = waiting.flatMap((one) => (one.next === undefined ? [] : [one.next]));
  const oldest: readonly Since[] = [
    ...next.map((id): Since => ({ state: "waiting", id, field: "timestamp" })),
    ...list(foremost).map((id): Since => ({ state: "prioritized", id: String(id), field: "timestamp" })),
    ...jobsOf(list(taken)).slice(-1).map((id): Since => ({ state: "active", id, field: "processedOn" })),
  ];
  const [due, ...moments] = allDone(
    await ask([
      ["ZCOUNT", key("delayed"), "-inf", lastDueScore(now)],
      ...oldest.map(({ id, field }): Command => ["HGET", key(id), field]),
    ]),
  );
  const age = (state: Since["state"]): number | null => {
    const known = moments.filter((since, at) => since !== null && oldest[at]?.state === state);
    return known.length > 0 ? Math.max(...known.map((since) => ageSeconds(now, whole(since)))) : null;
  };
  return depthOf({
    waiting: waiting.reduce((sum, one) => sum + one.jobs, 0),
    prioritized: whole(prioritized),
    delayed: whole(delayed),
    due_delayed: whole(due),
    active: whole(active),
    paused: paused !== null,
    failed: whole(failed),
    oldest_waiting_seconds: age("waiting"),
    oldest_prioritized_seconds: age("prioritized"),
    oldest_delayed_seconds: overdueSeconds(now, list(dueFirst)),
    oldest_active_seconds: age("active"),
  });
}
