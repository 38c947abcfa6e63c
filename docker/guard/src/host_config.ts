/** The containers that the guard creates: every setting comes from the policy, none from a request. */
import chromeProfile from "../../seccomp/chrome.json";
import type { ServicePolicy, TaskPolicy } from "./policy.ts";

/** Labels that say whose a container is. A request can set OWNER and JOB only. */
export const LABELS = {
  project: "bunops.platform.project",
  service: "bunops.platform.service",
  task: "bunops.platform.task",
  owner: "bunops.platform.owner",
  job: "bunops.platform.job",
} as const;

/** What a request may choose about a new container. */
export interface Wish {
  readonly task: string;
  /** Arguments for the image's entry point; without them the image's own command runs. */
  readonly cmd?: readonly string[];
  readonly owner?: string;
  readonly job?: string;
}

/** Files that a task may have open; Chromium with a heavy page stays below a thousand. */
const OPEN_FILES = 4096;

function securityOptions(task: TaskPolicy): string[] {
  const options = ["no-new-privileges:true"];
  // Without a profile of its own the container has the Engine's default one.
  if (task.seccomp === "chrome") options.push(`seccomp=${JSON.stringify(chromeProfile)}`);
  return options;
}

function hostConfig(task: TaskPolicy): Record<string, unknown> {
  return {
    AutoRemove: false, // removed by the service or the sweep: an exit code that is gone cannot be waited for
    Binds: [],
    CapAdd: [],
    CapDrop: ["ALL"],
    Devices: [],
    Init: true,
    IpcMode: "private",
    LogConfig: { Type: "json-file", Config: { "max-size": "16m", "max-file": "1" } },
    Memory: task.memoryBytes,
    MemorySwap: task.memoryBytes, // memory and swap together: none to swap
    Mounts: [],
    NanoCpus: task.nanoCpus,
    NetworkMode: task.network,
    PidsLimit: task.pids,
    PortBindings: {},
    Privileged: false,
    PublishAllPorts: false,
    ReadonlyRootfs: true,
    RestartPolicy: { Name: "no" },
    SecurityOpt: securityOptions(task),
    ShmSize: task.shmBytes,
    Tmpfs: task.tmpfs,
    Ulimits: [{ Name: "nofile", Soft: OPEN_FILES, Hard: OPEN_FILES }],
  };
}

function labels(service: ServicePolicy, task: TaskPolicy, wish: Wish): Record<string, string> {
  return {
    [LABELS.project]: service.project,
    [LABELS.service]: service.name,
    [LABELS.task]: task.name,
    ...(wish.owner === undefined ? {} : { [LABELS.owner]: wish.owner }),
    ...(wish.job === undefined ? {} : { [LABELS.job]: wish.job }),
  };
}

/** The body of POST /containers/create (Engine API 1.45) for one run of a task. */
export function containerConfig(service: ServicePolicy, task: TaskPolicy, wish: Wish): Record<string, unknown> {
  return {
    Image: task.image,
    ...(wish.cmd === undefined ? {} : { Cmd: wish.cmd }),
    Env: Object.entries(task.env).map(([name, value]) => `${name}=${value}`),
    User: task.user,
    Labels: labels(service, task, wish),
    Healthcheck: { Test: ["NONE"] },
    HostConfig: hostConfig(task),
  };
}

/** Names of containers: `<project>-<task>-<12 hexadecimal digits>`. */
export function containerName(service: ServicePolicy, task: string, random: string): string {
  return `${service.project}-${task}-${random}`;
}
