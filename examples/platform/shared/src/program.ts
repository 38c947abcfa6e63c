/** The life of a program: it starts, or says in one log line why not; it ends by a signal. */
import { ConfigError } from "./config.ts";
import { createLogger } from "./log.ts";
import { onShutdown, type Stoppable } from "./shutdown.ts";
import { errorText } from "./time.ts";

/** A started program. */
export interface Running extends Stoppable {
  /** What goes on behind the start, such as waiting for the stores; should it fail, the program ends. */
  readonly background?: Promise<unknown>;
}

// `bun --hot` runs the changed modules again in the same process, which keeps what is here.
const survivor = globalThis as { platformProgram?: { running?: Running } };

/** Starts the program; what an earlier version of it started in this process is closed before. */
export async function runProgram(service: string, start: () => Promise<Running>): Promise<void> {
  if (survivor.platformProgram === undefined) onShutdown(() => survivor.platformProgram?.running);
  const life = (survivor.platformProgram ??= {});
  try {
    await life.running?.close();
    const running = await start();
    life.running = running;
    running.background?.catch((error: unknown) => fail(service, error));
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
