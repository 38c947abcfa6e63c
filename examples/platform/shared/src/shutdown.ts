/** The end of a program: what SIGTERM (a container's stop) and SIGINT (Ctrl-C) do. */
import type { Logger } from "./log.ts";

export interface Stoppable {
  readonly log: Logger;
  /** How long `drain` and `close` may take together, in milliseconds. */
  readonly graceMs: number;
  /** Lets the clients go. */
  drain?(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Stops the program that `current` gives at the first signal, and ends the process: with 0 when it is through, or when
 * there is no program yet; with 1 when stopping fails or takes too long.
 */
export function onShutdown(current: () => Stoppable | undefined): void {
  let stopping = false;
  const stop = async (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    const program = current();
    // A container's first process would ignore the signal otherwise.
    if (program === undefined) process.exit(0);
    program.log.info({ signal }, "stopping");
    process.exit(await ended(program));
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

async function ended(program: Stoppable): Promise<0 | 1> {
  const { log, graceMs } = program;
  const overdue = setTimeout(() => {
    log.error({ graceMs }, "did not stop in time");
    process.exit(1);
  }, graceMs);
  try {
    await program.drain?.();
    await program.close();
    log.info("stopped");
    return 0;
  } catch (error) {
    log.error({ err: error }, "did not stop cleanly");
    return 1;
  } finally {
    clearTimeout(overdue);
  }
}
