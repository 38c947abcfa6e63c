import { hostname } from "node:os";
import { type ConfigReader, type Env, readConfig } from "@platform/shared/config";
import { readMetricsPort } from "@platform/shared/metrics";
import { readStores, type StoresConfig } from "@platform/shared/stores_config";

/** The task that this worker starts; its settings carry the name. */
export const TASK = "fetcher";

const RUNNERS = ["docker", "kubernetes"] as const;

export type RunnerConfig =
  | { readonly kind: "docker"; readonly host: string }
  /** url: of the API. namespace: where the tasks are. */
  | { readonly kind: "kubernetes"; readonly url: string; readonly namespace: string };

export interface Config extends StoresConfig {
  /** Tasks at once. */
  readonly atOnce: number;
  /** The task's own time limit. */
  readonly timeoutSeconds: number;
  readonly runner: RunnerConfig;
  /** Under which the tasks of this worker are labelled: the name of its container or pod. */
  readonly owner: string;
  readonly metricsPort: number | undefined;
}

/** @throws ConfigError */
export function workerConfig(env: Env): Config {
  return readConfig(env, (reader) => ({
    ...readStores(reader),
    atOnce: reader.integer("FETCHER_AT_ONCE", { min: 1, max: 1_000 }),
    timeoutSeconds: reader.integer("FETCHER_TIMEOUT_SECONDS", { min: 1, max: 86_400 }),
    runner: readRunner(reader),
    owner: hostname(),
    metricsPort: readMetricsPort(reader),
  }));
}

function readRunner(reader: ConfigReader): RunnerConfig {
  const kind = reader.choice("TASK_RUNNER", RUNNERS, "docker");
  if (kind === "docker") return { kind, host: reader.url("DOCKER_HOST", ["unix:", "tcp:", "http:"]) };
  // Kubernetes gives the address to every container.
  const host = reader.required("KUBERNETES_SERVICE_HOST", "the address of the Kubernetes API");
  const port = reader.integer("KUBERNETES_SERVICE_PORT", { min: 1, max: 65_535, fallback: 443 });
  const namespace = reader.required("TASKS_NAMESPACE", "the namespace of the tasks");
  return { kind, url: `https://${host.includes(":") ? `[${host}]` : host}:${port}`, namespace };
}
