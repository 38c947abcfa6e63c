/**
 * queue meter: `queue-meter.js` serves, `queue-meter.js health` checks. Environment: see config.ts.
 * Exit codes: 0 ended by a signal or healthy; 1 cannot listen or does not answer; 2 wrong use or settings.
 */
import { ConfigError, readConfig, readPort } from "./config.ts";
import { serves } from "./health.ts";
import { logToStdout } from "./log.ts";
import { Meter } from "./meter.ts";
import { MeterServer } from "./server.ts";
import { Store } from "./store.ts";

/** One measuring, with the connecting: a scaler does not wait much longer. */
const LIMIT_MS = 1_000;

function settingsOrExit<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    logToStdout("error", `wrong settings: ${error.message}`, { problems: error.problems });
    process.exit(2);
  }
}

async function health(): Promise<number> {
  const port = settingsOrExit(() => readPort(process.env));
  if (await serves(port)) return 0;
  logToStdout("error", `no answer on port ${port}`);
  return 1;
}

function listen(meter: Meter, port: number): MeterServer | undefined {
  try {
    return new MeterServer(meter, logToStdout, port);
  } catch (error) {
    logToStdout("error", "cannot listen", { port, error: String(error) });
    return undefined;
  }
}

async function serve(): Promise<number> {
  const signal = new Promise<string>((resolve) => {
    process.on("SIGTERM", resolve);
    process.on("SIGINT", resolve);
  });
  const config = settingsOrExit(() => readConfig(process.env));
  const stores = new Map([...config.stores].map(([name, store]) => [name, new Store(store)]));
  const server = listen(new Meter(config.queues, stores, logToStdout, LIMIT_MS), config.port);
  if (server === undefined) return 1;
  logToStdout("info", "listening", { port: server.port, queues: config.queues.length });
  logToStdout("info", "stopping", { signal: await signal });
  await server.stop();
  for (const store of stores.values()) store.close();
  logToStdout("info", "stopped");
  return 0;
}

const [command, ...rest] = process.argv.slice(2);
if (rest.length > 0 || (command !== undefined && command !== "health")) {
  logToStdout("error", "usage: queue-meter.js [health]");
  process.exit(2);
}
process.exit(await (command === "health" ? health() : serve()));
