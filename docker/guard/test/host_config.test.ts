import { expect, test } from "bun:test";
import profile from "../../seccomp/chrome.json";
import { containerConfig, containerName, type Wish } from "../src/host_config.ts";
import { TASK, policy, worker } from "./fixtures.ts";

function config(wish: Wish, task: object = TASK): Record<string, unknown> {
  const service = worker(policy(task));
  const found = service.tasks.get("fetcher");
  if (found === undefined) throw new Error("no fetcher");
  return containerConfig(service, found, wish);
}

test("the whole request for a task with a browser", () => {
  const wish = { task: "fetcher", cmd: ["--job", "1"], owner: "host", job: "1" };
  expect(config(wish)).toEqual({
    Image: "atlas/fetcher:local",
    Cmd: ["--job", "1"],
    Env: ["EGRESS=public", "TIMEOUT_SECONDS=30"],
    User: "1000:1000",
    Labels: {
      "bunops.platform.project": "atlas",
      "bunops.platform.service": "worker",
      "bunops.platform.task": "fetcher",
      "bunops.platform.owner": "host",
      "bunops.platform.job": "1",
    },
    Healthcheck: { Test: ["NONE"] },
    HostConfig: {
      AutoRemove: false,
      Binds: [],
      CapAdd: [],
      CapDrop: ["ALL"],
      Devices: [],
      Init: true,
      IpcMode: "private",
      LogConfig: { Type: "json-file", Config: { "max-size": "16m", "max-file": "1" } },
      Memory: 805306368,
      MemorySwap: 805306368,
      Mounts: [],
      NanoCpus: 1000000000,
      NetworkMode: "atlas_egress-fetcher",
      PidsLimit: 256,
      PortBindings: {},
      Privileged: false,
      PublishAllPorts: false,
      ReadonlyRootfs: true,
      RestartPolicy: { Name: "no" },
      SecurityOpt: ["no-new-privileges:true", `seccomp=${JSON.stringify(profile)}`],
      ShmSize: 268435456,
      Tmpfs: { "/tmp": "rw,nosuid,nodev,size=268435456,mode=1777" },
      Ulimits: [{ Name: "nofile", Soft: 4096, Hard: 4096 }],
    },
  });
});

test("without Cmd and labels the image's command runs, under the guard's labels alone", () => {
  const made = config({ task: "fetcher" });
  expect(made).not.toContainKey("Cmd");
  expect(Object.keys(made.Labels as object)).toHaveLength(3);
});

test("the default seccomp profile is the Engine's own", () => {
  const { SecurityOpt } = config({ task: "fetcher" }, { ...TASK, seccomp: "default" }).HostConfig as {
    SecurityOpt: string[];
  };
  expect(SecurityOpt).toEqual(["no-new-privileges:true"]);
});

test("names tell project and task", () => {
  expect(containerName(worker(), "fetcher", "0123456789ab")).toBe("atlas-fetcher-0123456789ab");
});
