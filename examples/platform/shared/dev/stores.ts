/** The stores, with the settings and secrets that the container has. */
import { readConfig } from "../src/config.ts";
import { Database } from "../src/database.ts";
import { createLogger } from "../src/log.ts";
import { readStores } from "../src/stores_config.ts";

export const { redis, turso } = readConfig(process.env, (reader) => readStores(reader));

export function openDatabase(): Database {
  return new Database({ ...turso, log: createLogger("dev", "warn") });
}
