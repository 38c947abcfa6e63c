/** The settings that every program with access to the stores has. */
import type { ConfigReader } from "./config.ts";
import { LOG_LEVELS, type LogLevel } from "./log.ts";

export interface StoresConfig {
  readonly logLevel: LogLevel;
  readonly redis: { readonly url: string; readonly password: string | undefined };
  readonly turso: { readonly url: string; readonly authToken: string | undefined };
}

export function readStores(reader: ConfigReader): StoresConfig {
  return {
    logLevel: reader.choice("LOG_LEVEL", LOG_LEVELS, "info"),
    redis: { url: reader.url("REDIS_URL", ["redis:", "rediss:"]), password: reader.secret("REDIS_PASSWORD") },
    turso: {
      url: reader.url("TURSO_URL", ["http:", "https:", "libsql:"]),
      authToken: reader.secret("TURSO_AUTH_TOKEN"),
    },
  };
}
