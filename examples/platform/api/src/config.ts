import { type Env, readConfig } from "@platform/shared/config";
import { readMetricsPort } from "@platform/shared/metrics";
import { readStores, type StoresConfig } from "@platform/shared/stores_config";
import { type AuthConfig, readAuth } from "./auth/config.ts";

export interface Config extends StoresConfig {
  readonly port: number;
  readonly metricsPort: number | undefined;
  readonly auth: AuthConfig;
}

/** @throws ConfigError */
export function apiConfig(env: Env): Config {
  return readConfig(env, (reader) => ({
    ...readStores(reader),
    port: reader.integer("PORT", { min: 1, max: 65_535, fallback: 8080 }),
    metricsPort: readMetricsPort(reader),
    auth: readAuth(reader),
  }));
}
