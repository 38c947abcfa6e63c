/** The container's health check: every service's socket takes a connection, and the Engine behind it answers. */
import type { Policy } from "./policy.ts";

const TIMEOUT_MS = 2_000;

async function answers(socket: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch("http://guard/_ping", { unix: socket, proxy: "", signal });
    return response.status === 200;
  } catch {
    return false;
  }
}

/** The sockets that do not answer; none when the guard is healthy. */
export async function silentSockets(policy: Policy): Promise<readonly string[]> {
  const sockets = [...policy.services.values()].map((service) => service.socket);
  const answered = await Promise.all(sockets.map(answers));
  return sockets.filter((_, index) => !answered[index]);
}
