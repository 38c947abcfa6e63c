/**
 * Runs Envoy, whose own answer to SIGTERM is to cut all connections: `run.ts FILE SOCKET`. `run.ts health SOCKET` tells
 * whether it serves. SOCKET is Envoy's administration, which nothing else reaches.
 */
import { argv, exit } from "node:process";

const [first = "", socket = ""] = argv.slice(2);

const LONGEST_DRAIN_MS = 5_000;
const PAUSE_MS = 100;
const LOG_FORMAT = '{"time":"%Y-%m-%dT%T.%fZ","level":"%l","msg":"%j"}';

function ask(method: string, path: string): Promise<Response> {
  return fetch(`http://envoy${path}`, { method, unix: socket, signal: AbortSignal.timeout(2_000) });
}

async function isServing(): Promise<boolean> {
  return ask("GET", "/ready").then(
    (answer) => answer.ok,
    () => false,
  );
}

/** Requests whose answers are not complete, event streams among them. */
async function runningRequests(): Promise<number> {
  const answer = await ask("GET", "/stats?format=json&filter=^http.edge.downstream_rq_active$");
  const { stats } = (await answer.json()) as { stats: { value?: number }[] };
  return stats.reduce((sum, { value = 0 }) => sum + value, 0);
}

/** Clients are told to come back on another connection, and get what they have asked for already. */
async function drain(): Promise<void> {
  const end = Date.now() + LONGEST_DRAIN_MS;
  await ask("POST", "/drain_listeners?graceful");
  while (Date.now() < end && (await runningRequests()) > 0) await Bun.sleep(PAUSE_MS);
}

async function run(): Promise<number> {
  const options = ["--config-path", first, "--concurrency", "2", "--disable-hot-restart", "--drain-strategy", "immediate"];
  const log = ["--log-level", "warning", "--log-format", LOG_FORMAT, "--file-flush-interval-msec", "1000"];
  const envoy = Bun.spawn(["envoy", ...options, ...log], { stdio: ["ignore", "inherit", "inherit"] });
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    // Whatever hinders it, it ends.
    await drain().catch((error: unknown) => console.error(JSON.stringify({ level: "error", msg: `not drained: ${error}` })));
    envoy.kill("SIGTERM");
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  const code = await envoy.exited;
  return stopping ? 0 : code || 1;
}

exit(first === "health" ? Number(!(await isServing())) : await run());
