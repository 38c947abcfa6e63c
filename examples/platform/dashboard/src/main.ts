/** The dashboard: lists the platform's jobs live. */
import { readConfig } from "@platform/shared/config";
import { createLogger, LOG_LEVELS } from "@platform/shared/log";
import { onShutdown } from "@platform/shared/shutdown";
import { errorText } from "@platform/shared/time";
import { ApiClient } from "./api.ts";
import { buildAssets } from "./assets.ts";
import { Feed } from "./feed.ts";
import { startServer } from "./server.ts";

declare global {
  /** `bun --hot` runs this file again in the same process: how to end what the earlier run started. */
  var endEarlierRun: (() => Promise<void>) | undefined;
}

const STOP_MS = 5_000;

const log = createLogger("dashboard", "info");
try {
  await run();
} catch (error) {
  log.fatal(errorText(error));
  process.exit(1);
}

async function run(): Promise<void> {
  const config = readConfig(process.env, (env) => ({
    port: env.integer("PORT", { min: 1, max: 65_535, fallback: 3_000 }),
    apiUrl: env.url("API_URL", ["http:", "https:"]),
    platformName: env.text("PLATFORM_NAME", "Platform"),
    logLevel: env.choice("LOG_LEVEL", LOG_LEVELS, "info"),
  }));
  log.level = config.logLevel;
  const apiUrl = new URL(config.apiUrl);
  const api = new ApiClient(apiUrl);
  const feed = new Feed(() => api.list(), (state) => {
    if (state.available) log.info("api available again");
    else log.warn({ reason: state.reason }, "api unavailable");
  });
  const assets = await buildAssets(config.platformName, apiUrl.port || "80");

  const isFirstRun = globalThis.endEarlierRun === undefined;
  await globalThis.endEarlierRun?.();
  const server = startServer(config.port, { api, feed, assets, log });
  globalThis.endEarlierRun = async () => {
    feed.close();
    await server.stop();
  };
  if (isFirstRun) onShutdown(log, STOP_MS, async () => globalThis.endEarlierRun?.());
  log.info({ port: server.port, api: apiUrl.origin }, "listening");
}
