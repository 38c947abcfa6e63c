import { describe, expect, test } from "bun:test";
import type { Pod } from "./objects.ts";
import { stateOf } from "./pod_state.ts";

type Status = NonNullable<Pod["status"]>;
type State = NonNullable<NonNullable<Status["containerStatuses"]>[number]["state"]>;

const pod = (status: Status, deleted = false): Pod => ({
  metadata: { name: "fetcher-j1-x7k2p", uid: "u", ...(deleted ? { deletionTimestamp: "2026-11-23T18:53:30Z" } : {}) },
  status,
});
const container = (state: State, status: Status = {}, deleted = false) =>
  pod({ phase: "Running", ...status, containerStatuses: [{ name: "proxy", state: { running: {} } }, { name: "fetcher", state }] }, deleted);
const ended = (exitCode: number, reason: string, message?: string): State => ({
  terminated: { exitCode, reason, ...(message === undefined ? {} : { message }) },
});
const disruption = (reason: string, message: string) => ({ conditions: [{ type: "DisruptionTarget", status: "True", reason, message }] });
const unschedulable = { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes are available" };

describe("waiting", () => {
  test.each<[string, Pod, string]>([
    ["just made", { metadata: { name: "p", uid: "u" } }, "Pending"],
    ["without room", pod({ phase: "Pending", conditions: [unschedulable] }), "Unschedulable: 0/1 nodes are available"],
    ["being created", container({ waiting: { reason: "ContainerCreating" } }, { phase: "Pending" }), "ContainerCreating"],
  ])("%s", (_what, pod, reason) => expect(stateOf(pod, "fetcher")).toEqual({ kind: "waiting", reason }));
});

describe("stuck", () => {
  test.each<[string, Pod, string]>([
    [
      "for want of its image",
      container({ waiting: { reason: "ErrImagePull", message: "failed to pull: not found" } }),
      "ErrImagePull: failed to pull: not found",
    ],
    ["as the image's name is wrong", container({ waiting: { reason: "InvalidImageName" } }), "InvalidImageName"],
    [
      "for want of its seccomp profile",
      container({ waiting: { reason: "CreateContainerError", message: "cannot load seccomp profile" } }),
      "CreateContainerError: cannot load seccomp profile",
    ],
    ["as its program does not start", container(ended(128, "StartError", "exec: not found")), "StartError: exec: not found"],
  ])("%s", (_what, pod, reason) => expect(stateOf(pod, "fetcher")).toEqual({ kind: "stuck", reason }));
});

test("running, whatever stands beside it", () => {
  expect(stateOf(container({ running: {} }), "fetcher")).toEqual({ kind: "running", pod: "fetcher-j1-x7k2p" });
});

describe("ended", () => {
  test.each<[string, Pod, number]>([
    ["well", container(ended(0, "Completed")), 0],
    ["badly", container(ended(1, "Error")), 1],
    ["for lack of memory", container(ended(137, "OOMKilled")), 137],
    ["well, although it was to be evicted", container(ended(0, "Completed"), disruption("EvictionByEvictionAPI", "drain")), 0],
  ])("%s", (_what, pod, exitCode) => {
    expect(stateOf(pod, "fetcher")).toEqual({ kind: "ended", pod: "fetcher-j1-x7k2p", exitCode });
  });
});

describe("gone", () => {
  test.each<[string, Pod, string]>([
    ["with its node's drain", container(ended(143, "Error"), disruption("EvictionByEvictionAPI", "drain")), "EvictionByEvictionAPI: drain"],
    ["with its Job", container(ended(137, "Error"), {}, true), "the pod was deleted"],
    ["before it started", pod({ phase: "Pending" }, true), "the pod was deleted"],
    ["evicted", pod({ phase: "Failed", reason: "Evicted", message: "The node was low on resource: memory." }), "Evicted: The node was low on resource: memory."],
  ])("%s", (_what, pod, reason) => expect(stateOf(pod, "fetcher")).toEqual({ kind: "gone", reason }));
});
