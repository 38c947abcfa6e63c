/**
 * The life of a program: it starts, or says in one log line why not; it ends by a signal. In between, `bun --hot` may
 * run its changed modules again in the same process: then a newer version takes its place.
 */
import { ConfigError } from "./config.ts";
import { surviveHotReload } from "./hot.ts";
import { createLogger } from "./log.ts";
import { onShutdown, type Stoppable } from "./shutdown.ts";
import { errorText, pause, withTimeout } from "./time.ts";

/** A started program. */
export interface Running extends Stoppable {
  /** The server, if it has one: Bun gives the same one to a newer version that listens on the same port. */
  readonly server?: object;
  /**
   * What goes on behind the start, such as waiting for the stores; begun when no earlier version runs any more. The
   * program ends should it fail, a newer version waits for the next edit.
   */
  background?(): Promise<unknown>;
  /**
   * Closes for a newer version, which has the server already: at once, and what is being done is the newer version's.
   * Without it, `close` is called.
   */
  giveWay?(): Promise<void>;
}

type Start = () => Promise<Running>;

interface Life {
  running?: Running;
  /** When a source was last changed, or the modules last run. */
  changed: number;
  /** How many changes of sources wait for a reload. */
  changes: number;
  /** Puts the newest version in place of the running one. */
  replace: (() => Promise<void>) | undefined;
  reloading: boolean;
  ending: boolean;
}

// Files that are written together come less than this apart; meanwhile Bun runs the modules several times.
const QUIET_MS = 25;
// Of many files, as git or tar writes them, the next one may be held up for longer.
const MANY = 10;
const QUIET_AFTER_MANY_MS = 200;

// What a version leaves for the next one.
const survivor = globalThis as { platformProgram?: Life };

/** Starts the program, or has the earlier version of it in this process replaced soon. */
export async function runProgram(service: string, start: Start): Promise<void> {
  const life = survivor.platformProgram;
  if (life === undefined) return begin(service, start);
  life.changed = performance.now();
  life.replace = () => replace(life, service, start);
  // Nobody waits for it: Bun runs no modules while earlier ones are still running.
  if (!life.reloading) void reload(life);
}

async function begin(service: string, start: Start): Promise<void> {
  const life: Life = { changed: 0, changes: 0, replace: undefined, reloading: false, ending: false };
  survivor.platformProgram = life;
  onShutdown(() => {
    life.ending = true;
    return life.running;
  });
  await surviveHotReload(() => {
    life.changed = performance.now();
    life.changes += 1;
  });
  const fail = (error: unknown): never => {
    report(service, error, "fatal");
    process.exit(1);
  };
  await start().then((running) => live(life, running, fail), fail);
}

/** Until there is nothing newer: one version after the other, and of those that come together only the newest. */
async function reload(life: Life): Promise<void> {
  life.reloading = true;
  while (life.replace !== undefined) {
    for (let left = QUIET_MS; left > 0; left = life.changed + quietMs(life) - performance.now()) await pause(left);
    if (life.ending) return;
    life.changes = 0;
    const newest = life.replace;
    life.replace = undefined;
    await newest();
  }
  life.reloading = false;
}

function quietMs({ changes }: Life): number {
  return changes > MANY ? QUIET_AFTER_MANY_MS : QUIET_MS;
}

/** Never throws: a version that does not start leaves the earlier one as it is, and the next edit may mend it. */
async function replace(life: Life, service: string, start: Start): Promise<void> {
  const fail = (error: unknown) => report(service, error, "error");
  try {
    const next = await start();
    if (life.running !== undefined && !life.ending) await retire(life.running, next);
    if (!life.ending) live(life, next, fail);
  } catch (error) {
    fail(error);
  }
}

async function retire(earlier: Running, next: Running): Promise<void> {
  const gone = earlier.giveWay !== undefined && earlier.server === next.server ? earlier.giveWay() : earlier.close();
  await withTimeout(gone, earlier.graceMs, "closing").catch((error: unknown) =>
    next.log.warn({ reason: errorText(error) }, "the earlier version did not close cleanly"),
  );
}

function live(life: Life, running: Running, fail: (error: unknown) => void): void {
  life.running = running;
  running.background?.().catch(fail);
}

function report(service: string, error: unknown, level: "error" | "fatal"): void {
  const log = createLogger(service, "info");
  if (error instanceof ConfigError) {
    log[level]({ problems: error.message.split("\n") }, `wrong settings: ${errorText(error, 2_000)}`);
  } else {
    log[level]({ err: error }, `cannot start: ${errorText(error)}`);
  }
}
