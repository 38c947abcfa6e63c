/** The dashboard: lists the platform's jobs live. */
import { type Env, readConfig } from "@platform/shared/config";
import { Drain } from "@platform/shared/drain";
import { createLogger, LOG_LEVELS } from "@platform/shared/log";
import { createRegistry, readMetricsPort, RequestMetrics, serveMetrics } from "@platform/shared/metrics";
import { runProgram } from "@platform/shared/program";
import { ApiClient } from "./api.ts";
import { buildAssets } from "./assets.ts";
import { readAuth } from "./auth/config.ts";
import { startAuth } from "./auth/index.ts";
import { Feed } from "./feed.ts";
import { startServer } from "./server.ts";

// Below the ten seconds that a container is usually given.
const GRACE_MS = 8_000;

await runProgram("dashboard", async () => {
  const config = dashboardConfig(process.env);
  const log = createLogger("dashboard", config.logLevel);
  const apiUrl = new URL(config.apiUrl);
  const api = new ApiClient(apiUrl, config.apiToken);
  const feed = new Feed(() => api.list(), (state) => {
    if (state.available) log.info("api available again");
    else log.warn({ reason: state.reason }, "api unavailable");
  });
  const assets = await buildAssets(config.platformName, apiUrl.port || "80");
  const auth = await startAuth(config.auth, log);
  const drain = new Drain();
  const registry = createRegistry();
  const metrics = new RequestMetrics(registry);
  const server = startServer(config.port, { api, auth, feed, assets, drain, metrics, log });
  const metricsServer = serveMetrics(config.metricsPort, () => registry.metrics());
  log.info({ port: server.port, api: apiUrl.origin }, "listening");

  const close = async () => {
    feed.close();
    await server.stop();
    await metricsServer.stop();
  };
  const giveWay = async () => feed.close();
  return { log, graceMs: GRACE_MS, server, drain: () => drain.run(), close, giveWay };
});

/** @throws ConfigError */
function dashboardConfig(env: Env) {
  return readConfig(env, (reader) => ({
    port: reader.integer("PORT", { min: 1, max: 65_535, fallback: 3_000 }),
    metricsPort: readMetricsPort(reader),
    apiUrl: reader.url("API_URL", ["http:", "https:"]),
    apiToken: reader.secret("API_TOKEN"),
    auth: readAuth(reader),
    platformName: reader.text("PLATFORM_NAME", "Platform"),
    logLevel: reader.choice("LOG_LEVEL", LOG_LEVELS, "info"),
  }));
}
