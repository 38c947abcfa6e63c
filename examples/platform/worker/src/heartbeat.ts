/**
 * The sign of life: a file whose time is fresh only while the worker's event loop turns and Redis, the database and what
 * runs the tasks answer. A second process (health.ts) looks at it.
 */
import { stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Logger } from "@platform/shared/log";
import { errorText, pause, withTimeout } from "@platform/shared/time";

export type Probe = () => Promise<unknown>;

const INTERVAL_MS = 3_000;
const PROBE_LIMIT_MS = 2_500;
/** Two beats may be missed. */
export const STALE_MS = 15_000;

export function heartbeatFile(): string {
  return join(tmpdir(), "worker.heartbeat");
}

export class Heartbeat {
  readonly #file: string;
  readonly #probes: Readonly<Record<string, Probe>>;
  readonly #log: Logger;

  constructor(file: string, probes: Readonly<Record<string, Probe>>, log: Logger) {
    this.#file = file;
    this.#probes = probes;
    this.#log = log;
  }

  /** Beats until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.beat();
      await pause(INTERVAL_MS, signal);
    }
  }

  /** One beat, if everything answers. Returns whether it did. */
  async beat(): Promise<boolean> {
    try {
      await Promise.all(
        Object.entries(this.#probes).map(([name, probe]) => withTimeout(named(name, probe), PROBE_LIMIT_MS, name)),
      );
      await writeFile(this.#file, String(process.pid));
      return true;
    } catch (error) {
      this.#log.warn({ reason: errorText(error) }, "no heartbeat");
      return false;
    }
  }
}

async function named(name: string, probe: Probe): Promise<void> {
  try {
    await probe();
  } catch (error) {
    throw new Error(`${name}: ${errorText(error)}`, { cause: error });
  }
}

/** null if the worker lives, else why it does not. */
export async function ailment(file: string, now = Date.now()): Promise<string | null> {
  try {
    const age = Math.round(now - (await stat(file)).mtimeMs);
    return age <= STALE_MS ? null : `the last heartbeat is ${age} ms old, at most ${STALE_MS} are healthy`;
  } catch {
    return "there was no heartbeat yet";
  }
}
