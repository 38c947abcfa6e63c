import { hostname } from "node:os";
import { type Env, readConfig } from "@platform/shared/config";
import { readStores, type StoresConfig } from "@platform/shared/stores_config";

/** The task that this worker starts; its settings carry the name. */
export const TASK = "fetcher";

export interface Config extends StoresConfig {
  /** Tasks at once. */
  readonly atOnce: number;
  /** The task's own time limit. */
  readonly timeoutSeconds: number;
  readonly dockerHost: string;
  /** Under which the tasks of this worker are labelled. */
  readonly owner: string;
}

/** @throws ConfigError */
export function workerConfig(env: Env): Config {
  return readConfig(env, (reader) => ({
    ...readStores(reader),
    atOnce: reader.integer("FETCHER_AT_ONCE", { min: 1, max: 1_000 }),
    timeoutSeconds: reader.integer("FETCHER_TIMEOUT_SECONDS", { min: 1, max: 86_400 }),
    dockerHost: reader.url("DOCKER_HOST", ["unix:", "tcp:", "http:"]),
    owner: hostname(),
  }));
}
