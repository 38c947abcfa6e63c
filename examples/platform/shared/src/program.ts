/** The life of a program: it starts, or says in one log line why not; it ends by a signal. */
import { ConfigError } from "./config.ts";
import { createLogger, type Logger } from "./log.ts";
import { onShutdown } from "./shutdown.ts";
import { errorText } from "./time.ts";

/** A started program. */
export interface Running {
  readonly log: Logger;
  /** How long `close` may take, in milliseconds. */
  readonly graceMs: number;
  close(): Promise<void>;
}

// `bun --hot` runs the changed modules again in the same process, which keeps what is here.
const survivor = globalThis as { platformProgram?: Running };

/** Starts the program; what an earlier version of it started in this process is closed before. */
export async function runProgram(service: string, start: () => Promise<Running>): Promise<void> {
  const earlier = survivor.platformProgram;
  try {
    await earlier?.close();
    const running = await start();
    survivor.platformProgram = running;
    if (earlier === undefined) onShutdown(running.log, running.graceMs, async () => survivor.platformProgram?.close());
  } catch (error) {
    fail(service, error);
  }
}

function fail(service: string, error: unknown): never {
  const log = createLogger(service, "info");
  if (error instanceof ConfigError) {
    log.fatal({ problems: error.message.split("\n") }, `wrong settings: ${errorText(error, 2_000)}`);
  } else {
    log.fatal({ err: error }, `cannot start: ${errorText(error)}`);
  }
  process.exit(1);
}
