/** The end of a service: what SIGTERM (a container's stop) and SIGINT (Ctrl-C) do. */
import type { Logger } from "./log.ts";

/**
 * Runs `close` once at the first signal and ends the process: with 0 when it is through, with 1 when it fails or takes
 * longer than `graceMs` milliseconds.
 */
export function onShutdown(log: Logger, graceMs: number, close: () => Promise<void>): void {
  let stopping = false;
  const stop = async (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, "stopping");
    const overdue = setTimeout(() => {
      log.error({ graceMs }, "did not stop in time");
      process.exit(1);
    }, graceMs);
    try {
      await close();
      log.info("stopped");
      process.exit(0);
    } catch (error) {
      log.error({ err: error }, "did not stop cleanly");
      process.exit(1);
    } finally {
      clearTimeout(overdue);
    }
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}
