/**
 * A queue of BullMQ 4 to 6. Keys are `<prefix>:<name>:<state>`:
 * - wait, active: lists; paused: a list too, in which version 4 and 5 keep the waiting jobs of a paused queue
 * - prioritized, delayed, failed, completed: sorted sets; scores of delayed are milliseconds * 4096 + a counter
 * - meta: a hash, with the field `paused` while the queue is paused
 * - a job's id: a hash, with `timestamp`, when it was added, and `processedOn`, when a worker took it last, in
 *   milliseconds, and `opts`, JSON, in which `delay` is for how many milliseconds it was not to be taken
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

/** Fields of a job's hash that tell since when it has been in a state. */
const FIELDS = {
  waiting: ["timestamp", "opts", "processedOn"],
  prioritized: ["timestamp", "opts", "processedOn"],
  active: ["processedOn"],
} as const;

/** The oldest job of a state. */
interface Oldest {
  readonly state: keyof typeof FIELDS;
  readonly id: string;
}

/**
 * Milliseconds at which a job could be taken, or was taken; null if it is gone. One that was taken before, and waits
 * again, waits since then: nothing tells when it came back.
 */
function sinceWhen(told: Readonly<Record<string, unknown>>): number | null {
  const { timestamp = null, opts, processedOn } = told;
  const added = timestamp === null ? [] : [whole(timestamp) + delayIn(opts)];
  const moments = processedOn === null ? added : [...added, whole(processedOn)];
  return moments.length === 0 ? null : Math.max(...moments);
}

/** Milliseconds; 0 also where options are none of BullMQ's, for a queue is measured whatever one job says. */
function delayIn(options: unknown): number {
  try {
    const { delay } = JSON.parse(String(options));
    return Number.isFinite(delay) ? Math.max(0, Math.floor(delay)) : 0;
  } catch {
    return 0;
  }
}

/** Seconds by state, of the jobs that are still there. @param told what their fields hold, one after the other */
function agesOf(nowMs: number, oldest: readonly Oldest[], told: readonly unknown[]): Map<Oldest["state"], number> {
  const answers = told.values();
  const ages = new Map<Oldest["state"], number>();
  for (const { state } of oldest) {
    const since = sinceWhen(Object.fromEntries(FIELDS[state].map((field) => [field, answers.next().value])));
    // Two lists of waiting jobs have one each.
    if (since !== null) ages.set(state, Math.max(ages.get(state) ?? 0, ageSeconds(nowMs, since)));
  }
  return ages;
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
  const oldest: readonly Oldest[] = [
    ...next.map((id): Oldest => ({ state: "waiting", id })),
    ...list(foremost).map((id): Oldest => ({ state: "prioritized", id: String(id) })),
    ...jobsOf(list(taken)).slice(-1).map((id): Oldest => ({ state: "active", id })),
  ];
  const asked = oldest.flatMap(({ state, id }) => FIELDS[state].map((field): Command => ["HGET", key(id), field]));
  const [due, ...told] = allDone(await ask([["ZCOUNT", key("delayed"), "-inf", lastDueScore(now)], ...asked]));
  const ages = agesOf(now, oldest, told);
  return depthOf({
    waiting: waiting.reduce((sum, one) => sum + one.jobs, 0),
    prioritized: whole(prioritized),
    delayed: whole(delayed),
    due_delayed: whole(due),
    active: whole(active),
    paused: paused !== null,
    failed: whole(failed),
    oldest_waiting_seconds: ages.get("waiting") ?? null,
    oldest_prioritized_seconds: ages.get("prioritized") ?? null,
    oldest_delayed_seconds: overdueSeconds(now, list(dueFirst)),
    oldest_active_seconds: ages.get("active") ?? null,
  });
}
