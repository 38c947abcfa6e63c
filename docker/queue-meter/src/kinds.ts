/** Keys that are of another type than they should be. */
import { RedisError, type Ask } from "./commands.ts";

/** What a command's key has to be, by the command's first letter, as TYPE calls it. */
const KINDS: Readonly<Record<string, string>> = { H: "hash", L: "list", Z: "zset", X: "stream" };

/**
 * What is wrong, in place of a WRONGTYPE: asks what the key is, which the user need not be allowed to.
 * Any other error stays as it is.
 */
export async function explained(ask: Ask, error: RedisError): Promise<RedisError> {
  const [name, ...args] = error.command ?? [""];
  const key = name === "XINFO" ? args[1] : args[0];
  const wanted = KINDS[name.charAt(0)];
  if (!error.message.startsWith("WRONGTYPE") || key === undefined || wanted === undefined) return error;
  const [found] = await ask([["TYPE", key]]);
  return new RedisError(sentence(key, found, wanted), error.command);
}

function sentence(key: string, found: unknown, wanted: string): string {
  // Not told, or changed since.
  const unclear = typeof found !== "string" || found === wanted || found === "none";
  if (unclear) return `the key ${key} is no ${shown(wanted)}; expected one`;
  return `the key ${key} is a ${shown(found)}; expected a ${shown(wanted)}`;
}

const shown = (kind: string): string => (kind === "zset" ? "sorted set" : kind);
