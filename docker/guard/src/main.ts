/**
 * docker guard: `guard.js` serves, `guard.js health` checks. Environment: GUARD_POLICY (JSON, see policy.ts).
 * Exit codes: 0 ended by a signal or healthy; 1 the Engine is silent or a socket does not answer; 2 wrong use or policy.
 */
import { Guard } from "./guard.ts";
import { silentSockets } from "./health.ts";
import { logToStdout } from "./log.ts";
import { PolicyError, parsePolicy, type Policy } from "./policy.ts";

const ENGINE_SOCKET = "/var/run/docker.sock";

function policyOrExit(): Policy {
  try {
    return parsePolicy(process.env.GUARD_POLICY);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    logToStdout("error", error.message);
    process.exit(2);
  }
}

async function health(): Promise<number> {
  const silent = await silentSockets(policyOrExit());
  if (silent.length > 0) logToStdout("error", `no answer on ${silent.join(", ")}`);
  return silent.length === 0 ? 0 : 1;
}

async function serve(): Promise<number> {
  const policy = policyOrExit();
  const guard = new Guard({ policy, engineSocket: ENGINE_SOCKET, log: logToStdout, roundMs: 5_000, giveUpMs: 15_000 });
  process.on("SIGTERM", () => guard.stop());
  process.on("SIGINT", () => guard.stop());
  return (await guard.run()) ? 0 : 1;
}

const [command, ...rest] = process.argv.slice(2);
if (rest.length > 0 || (command !== undefined && command !== "health")) {
  logToStdout("error", "usage: guard.js [health]");
  process.exit(2);
}
process.exit(await (command === "health" ? health() : serve()));
