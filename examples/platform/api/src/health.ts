/** Whether the API can serve: Redis and Turso answer. */
import { errorText, withTimeout } from "@platform/shared/time";

/** "ok", or why not. */
export type Health = Readonly<Record<string, string>>;
export type Probe = () => Promise<unknown>;

const TTL_MS = 2_000;
const LIMIT_MS = 2_000;

export function isHealthy(health: Health): boolean {
  return Object.values(health).every((state) => state === "ok");
}

/** Asks at most once in two seconds, however often it is called. */
export function createHealthCheck(probes: Readonly<Record<string, Probe>>, now: () => number = Date.now) {
  let asked = -Infinity;
  let answer: Promise<Health> = Promise.resolve({});
  return (): Promise<Health> => {
    if (now() - asked >= TTL_MS) {
      asked = now();
      answer = askAll(probes);
    }
    return answer;
  };
}

async function askAll(probes: Readonly<Record<string, Probe>>): Promise<Health> {
  const states = Object.entries(probes).map(async ([name, probe]) => {
    try {
      await withTimeout(probe(), LIMIT_MS, name);
      return [name, "ok"] as const;
    } catch (error) {
      return [name, errorText(error)] as const;
    }
  });
  return Object.fromEntries(await Promise.all(states));
}
