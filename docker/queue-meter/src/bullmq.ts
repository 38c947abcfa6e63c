/**
 * A queue of BullMQ 4 to 6. Keys are `<prefix>:<name>:<state>`:
 * - wait, active: lists; paused: a list too, in which version 4 and 5 keep the waiting jobs of a paused queue
 * - prioritized, delayed, failed, completed: sorted sets; scores of delayed are milliseconds * 4096 + a counter
 * - meta: a hash, with the field `paused` while the queue is paused
 * https://docs.bullmq.io
 */
import { allDone, list, milliseconds, whole, type Ask, type Command } from "./commands.ts";
import { MISSING, ageSeconds, depthOf, type Depth } from "./depth.ts";

/** Any of them shows that there is a queue. Workers alone leave other keys, such as stalled-check. */
const KEYS = ["meta", "id", "wait", "paused", "active", "prioritized", "delayed", "failed", "completed"] as const;

/** How many entries of a list are looked at from each end. */
const LOOK = 10;

/** Version 4 leaves `0:<milliseconds>` in the lists to wake workers. */
const isMarker = (entry: unknown): boolean => String(entry).startsWith("0:");

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
  const jobs = tail.filter((entry) => !isMarker(entry)).map(String);
  return { jobs: Math.max(0, length - (marked ? 1 : 0)), next: jobs.at(-1) };
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
    ["ZCARD", key("prioritized")],
    ["ZCARD", key("delayed")],
    ["ZCARD", key("failed")],
    ...lookInto(key("wait")),
    ...lookInto(key("paused")),
  ];
}

/** The last score that is due: BullMQ takes every job of the millisecond that has begun. */
export function lastDueScore(nowMs: number): string {
  return ((BigInt(Math.floor(nowMs)) + 1n) * 4096n - 1n).toString();
}

/** Measures with two pipelines; the second one asks what is due, for which the first one brought the time. */
export async function measureBullmq(ask: Ask, prefix: string, name: string): Promise<Depth> {
  const key = (state: string) => `${prefix}:${name}:${state}`;
  const first = allDone(await ask(firstRound(key)));
  const [time, found, paused, active, prioritized, delayed, failed, ...lists] = first;
  if (whole(found) === 0) return MISSING;
  const now = milliseconds(time);
  const waiting = [0, 3].map((at) => waitingIn(whole(lists[at]), list(lists[at + 1]), list(lists[at + 2])));
  const next = waiting.flatMap((one) => (one.next === undefined ? [] : [one.next]));
  const [due, ...born] = allDone(
    await ask([
      ["ZCOUNT", key("delayed"), "-inf", lastDueScore(now)],
      ...next.map((id): Command => ["HGET", key(id), "timestamp"]),
    ]),
  );
  const ages = born.flatMap((since) => (since === null ? [] : [ageSeconds(now, whole(since))]));
  return depthOf({
    waiting: waiting.reduce((sum, one) => sum + one.jobs, 0),
    prioritized: whole(prioritized),
    delayed: whole(delayed),
    due_delayed: whole(due),
    active: whole(active),
    paused: paused !== null,
    failed: whole(failed),
    oldest_waiting_seconds: ages.length > 0 ? Math.max(...ages) : null,
  });
}
