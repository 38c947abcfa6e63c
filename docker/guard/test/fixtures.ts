import { parsePolicy, type Policy, type ServicePolicy } from "../src/policy.ts";
import type { Call } from "../src/decide.ts";

export const TASK = {
  image: "atlas/fetcher:local",
  atOnce: 4,
  timeoutSeconds: 30,
  env: { EGRESS: "public", TIMEOUT_SECONDS: "30" },
  network: "atlas_egress-fetcher",
  user: "1000:1000",
  memoryBytes: 805306368,
  nanoCpus: 1000000000,
  pids: 256,
  shmBytes: 268435456,
  tmpfs: { "/tmp": "rw,nosuid,nodev,size=268435456,mode=1777" },
  seccomp: "chrome",
};

/** The policy of one service, worker, that may start one task, fetcher. */
export function policyValue(task: object = TASK, socket = "/run/docker-guard/worker/docker.sock") {
  return { project: "atlas", services: { worker: { socket, tasks: { fetcher: task } } } };
}

export function policy(task: object = TASK, socket?: string): Policy {
  return parsePolicy(JSON.stringify(policyValue(task, socket)));
}

export function worker(from: Policy = policy()): ServicePolicy {
  const service = from.services.get("worker");
  if (service === undefined) throw new Error("no worker");
  return service;
}

/** A call from "METHOD /path?query". */
export function call(line: string, body = "", upgrade = false): Call {
  const [method = "", target = ""] = line.split(" ");
  const [path = "", query = ""] = target.split("?");
  return { method, path, query, body, upgrade };
}

/** Waits for a condition, 4 s at most. */
export async function until(done: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let round = 0; round < 400; round += 1) {
    if (await done()) return;
    await Bun.sleep(10);
  }
  throw new Error(`not within 4 s: ${what}`);
}

/** The status and the message of a refusal. */
export async function refusal(response: Response): Promise<[number, string]> {
  return [response.status, ((await response.json()) as { message: string }).message];
}
