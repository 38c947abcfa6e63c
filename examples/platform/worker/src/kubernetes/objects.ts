/** The parts of Kubernetes' objects that a task needs: https://kubernetes.io/docs/reference/kubernetes-api/ */
import type { TaskRequest } from "../task_runner.ts";

export const OWNER_LABEL = "bunops.platform/owner";
export const JOB_LABEL = "bunops.platform/job";

interface Metadata {
  readonly name: string;
  readonly uid: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly deletionTimestamp?: string;
}

interface Container {
  readonly name: string;
}

interface JobTemplate {
  readonly metadata?: Partial<Metadata>;
  readonly spec: {
    readonly template: {
      readonly metadata?: Partial<Metadata>;
      readonly spec: { readonly containers: readonly [Container, ...Container[]] };
    };
  };
}

export interface CronJob {
  readonly metadata: Metadata;
  readonly spec: { readonly jobTemplate: JobTemplate };
}

export interface Job extends JobTemplate {
  readonly metadata: Metadata;
}

export interface JobList {
  readonly items: readonly Job[];
}

interface ContainerStatus {
  readonly name: string;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: object;
    readonly terminated?: { readonly exitCode: number; readonly reason?: string; readonly message?: string };
  };
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface Pod {
  readonly metadata: Metadata;
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

export interface PodList {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly Pod[];
}

export interface PodEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: Pod;
}

/** A name is a label's value as well, with at most 63 characters; a job's id has 36. */
const TASK_LIMIT = 26;

/** One job has one name, so that nobody can start it twice at a time. */
export function jobName(task: string, job: string): string {
  return `${task.slice(0, TASK_LIMIT)}-${job}`;
}

/** The Job of a request: the CronJob's template, with the request's arguments for its first container. */
export function jobFrom({ spec: { jobTemplate } }: CronJob, request: TaskRequest, owner: string): object {
  const { metadata, spec } = jobTemplate;
  const labels = { [OWNER_LABEL]: owner, [JOB_LABEL]: request.job };
  const [first, ...others] = spec.template.spec.containers;
  const containers = [{ ...first, args: request.command }, ...others];
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { ...metadata, name: jobName(request.task, request.job), labels: { ...metadata?.labels, ...labels } },
    spec: {
      ...spec,
      template: {
        metadata: { ...spec.template.metadata, labels: { ...spec.template.metadata?.labels, ...labels } },
        spec: { ...spec.template.spec, containers },
      },
    },
  };
}
