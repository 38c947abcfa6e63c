/** Queues that are one Redis key: a list, or a stream with or without a consumer group. */
import { RedisError, allDone, fields, list, milliseconds, whole, type Ask } from "./commands.ts";
import { MISSING, ageSeconds, depthOf, type Depth } from "./depth.ts";

/** A list tells how long it is and nothing else. */
export async function measureList(ask: Ask, key: string): Promise<Depth> {
  const [found, length] = allDone(await ask([["EXISTS", key], ["LLEN", key]]));
  return whole(found) === 0 ? MISSING : depthOf({ waiting: whole(length) });
}

/**
 * Of a group: what was not delivered to it yet waits, what it has not acknowledged is active. Without a group every
 * entry waits. A group that the stream does not have is a queue that is not there.
 */
export async function measureStream(ask: Ask, key: string, group: string | undefined): Promise<Depth> {
  const [time, found, about, groups] = await ask([
    ["TIME"],
    ["EXISTS", key],
    ["XINFO", "STREAM", key],
    ["XINFO", "GROUPS", key],
  ]);
  allDone([time, found]);
  // XINFO calls a key that is not there an error.
  if (whole(found) === 0) return MISSING;
  if (about instanceof RedisError || groups instanceof RedisError) throw about instanceof RedisError ? about : groups;
  const stream = fields(about);
  const length = whole(stream.get("length"));
  const age = () => firstAge(milliseconds(time), stream.get("first-entry"));
  if (group === undefined) return depthOf({ waiting: length, oldest_waiting_seconds: age() });
  const own = list(groups)
    .map(fields)
    .find((one) => one.get("name") === group);
  if (own === undefined) return MISSING;
  const waiting = lag(own, stream, length);
  // The first entry that waits is known only if it is the first of all, for which the lag itself has to be known.
  const oldest = (own.get("lag") ?? null) !== null && waiting === length ? age() : null;
  return depthOf({ waiting, active: whole(own.get("pending")), oldest_waiting_seconds: oldest });
}

type Fields = ReadonlyMap<string, unknown>;

/** Redis does not know the lag after entries were deleted; then it is 0 at the end and else the length at the most. */
function lag(group: Fields, stream: Fields, length: number): number {
  const known = group.get("lag");
  if (known !== undefined && known !== null) return whole(known);
  return group.get("last-delivered-id") === stream.get("last-generated-id") ? 0 : length;
}

/** Age of an entry, whose id starts with the milliseconds of its birth; null if there is none. */
function firstAge(nowMs: number, entry: unknown): number | null {
  if (entry === null || entry === undefined) return null;
  const [id] = list(entry);
  return ageSeconds(nowMs, whole(String(id).split("-")[0]));
}
