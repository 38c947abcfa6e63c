/** The health check: ends with 0 if the worker lives, else says why not and ends with 1. */
import { ailment, heartbeatFile } from "./heartbeat.ts";

const reason = await ailment(heartbeatFile());
console.log(reason ?? "ok");
process.exit(reason === null ? 0 : 1);
