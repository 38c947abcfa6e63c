/** How far a task's pod is. */
import type { Pod } from "./objects.ts";

export type PodState =
  /** Not started yet; that may come. */
  | { readonly kind: "waiting"; readonly reason: string }
  /** Not started, and not without somebody's help. */
  | { readonly kind: "stuck"; readonly reason: string }
  | { readonly kind: "running"; readonly pod: string }
  | { readonly kind: "ended"; readonly pod: string; readonly exitCode: number }
  /** Deleted or evicted: what it did is lost. */
  | { readonly kind: "gone"; readonly reason: string };

/** Reasons of a waiting container: https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/kubelet/images/types.go and kuberuntime_container.go */
const STUCK: ReadonlySet<string> = new Set([
  "ErrImagePull",
  "ImagePullBackOff",
  "ImageInspectError",
  "ErrImageNeverPull",
  "InvalidImageName",
  "RegistryUnavailable",
  "SignatureValidationFailed",
  "CreateContainerConfigError",
  "CreateContainerError",
]);

/** A container that ended with one of these never ran. */
const NOT_RUN: ReadonlySet<string> = new Set(["StartError", "ContainerCannotRun"]);

/** @param container the name of the task's own; others may have been put beside it */
export function stateOf({ metadata, status = {} }: Pod, container: string): PodState {
  const pod = metadata.name;
  const state = status.containerStatuses?.find(({ name }) => name === container)?.state ?? {};
  const interruption = interruptionOf({ metadata, status });
  const { terminated, running, waiting } = state;
  if (terminated !== undefined) {
    const { exitCode, reason = "", message = "" } = terminated;
    if (NOT_RUN.has(reason)) return { kind: "stuck", reason: text(reason, message) };
    if (interruption !== null && exitCode !== 0) return { kind: "gone", reason: interruption };
    return { kind: "ended", pod, exitCode };
  }
  if (status.phase === "Failed" || (running === undefined && metadata.deletionTimestamp !== undefined)) {
    return { kind: "gone", reason: interruption ?? text(status.reason ?? "Failed", status.message) };
  }
  if (running !== undefined) return { kind: "running", pod };
  if (waiting?.reason !== undefined && STUCK.has(waiting.reason)) {
    return { kind: "stuck", reason: text(waiting.reason, waiting.message) };
  }
  return { kind: "waiting", reason: delayOf(status) ?? text(waiting?.reason ?? "Pending", waiting?.message) };
}

/** Why a pod is ended from outside; null if it is not. */
function interruptionOf({ metadata, status }: Pod): string | null {
  const disruption = status?.conditions?.find(({ type, status }) => type === "DisruptionTarget" && status === "True");
  if (disruption !== undefined) return text(disruption.reason ?? "Disruption", disruption.message);
  return metadata.deletionTimestamp === undefined ? null : "the pod was deleted";
}

function delayOf(status: NonNullable<Pod["status"]>): string | null {
  const scheduled = status.conditions?.find(({ type }) => type === "PodScheduled");
  return scheduled?.status === "False" ? text(scheduled.reason ?? "Unscheduled", scheduled.message) : null;
}

function text(reason: string, message = ""): string {
  return message === "" ? reason : `${reason}: ${message}`;
}
