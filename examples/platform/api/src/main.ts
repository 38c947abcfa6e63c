/** The API: takes jobs, stores them, hands them to the queue, and tells what became of them. */
import { Database, whenAvailable } from "@platform/shared/database";
import { Drain } from "@platform/shared/drain";
import { JobStore } from "@platform/shared/job_store";
import { createLogger } from "@platform/shared/log";
import { serveMetrics } from "@platform/shared/metrics";
import { runProgram } from "@platform/shared/program";
import { openQueue, openRedis, QUEUE_NAME } from "@platform/shared/queue";
import { createGate } from "./auth/gate.ts";
import { apiConfig } from "./config.ts";
import { Dispatcher } from "./dispatcher.ts";
import { createHealthCheck } from "./health.ts";
import { Metrics } from "./metrics.ts";
import { startServer } from "./server.ts";

// Below the ten seconds that a container is usually given.
const GRACE_MS = 8_000;

await runProgram("api", async () => {
  const config = apiConfig(process.env);
  const log = createLogger("api", config.logLevel);
  const database = new Database({ ...config.turso, log });
  const store = new JobStore(database);
  const redis = openRedis(config.redis.url, config.redis.password);
  await redis.settled();
  const queue = openQueue(redis, log);
  const dispatcher = new Dispatcher(store, queue, log);
  const metrics = new Metrics({ jobsByStatus: () => store.countByStatus(), queueDepth: () => queue.depth() }, log);
  const stop = new AbortController();
  // Until there are tables it answers, and is not healthy.
  let ready = false;
  const background = async () => {
    ready = await whenAvailable(() => store.createSchema(), stop.signal);
    if (ready) dispatcher.start();
  };
  const turso = async () => {
    await database.ping();
    if (!ready) throw new Error("the tables are not there yet");
  };
  const health = createHealthCheck({ redis: () => redis.ping(), turso });
  const drain = new Drain();
  const gate = createGate(config.auth, log);
  const server = startServer({ store, dispatcher, metrics, health, drain, gate, log }, config.port);
  const metricsServer = serveMetrics(config.metricsPort, () => metrics.scrape());
  log.info({ port: server.port, queue: QUEUE_NAME }, "listening");

  const closeStores = async () => {
    await dispatcher.stop();
    await queue.close();
    redis.close();
    database.close();
  };
  const close = async () => {
    stop.abort();
    // Waits for the requests that are being answered.
    await server.stop();
    await closeStores();
    await metricsServer.stop();
  };
  const giveWay = async () => {
    stop.abort();
    await drain.idle();
    await closeStores();
  };
  return { log, graceMs: GRACE_MS, server, background, drain: () => drain.run(), close, giveWay };
});
