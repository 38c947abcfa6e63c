/** The routes. */
import { DatabaseUnavailable } from "@platform/shared/database";
import type { Drain } from "@platform/shared/drain";
import { imageType } from "@platform/shared/fetch_result";
import { isJobId, newJobId } from "@platform/shared/job";
import type { JobStore } from "@platform/shared/job_store";
import type { Logger } from "@platform/shared/log";
import type { BunRequest } from "bun";
import type { Dispatcher } from "./dispatcher.ts";
import type { Gate } from "./auth/gate.ts";
import { type Health, isHealthy } from "./health.ts";
import { BadRequest, readJobRequest, readLimit } from "./input.ts";
import type { Metrics } from "./metrics.ts";

export interface Services {
  readonly store: JobStore;
  readonly dispatcher: Pick<Dispatcher, "dispatch">;
  readonly metrics: Pick<Metrics, "observe">;
  readonly health: () => Promise<Health>;
  readonly drain: Drain;
  readonly gate: Gate;
  readonly log: Logger;
}

type Handler<R extends string> = (request: BunRequest<R>) => Promise<Response>;

// Longer than the database's patience, so that a request outlives its restart.
const IDLE_SECONDS = 30;

/** Listens on `port`, or on a free one for 0. */
export function startServer(services: Services, port: number): Bun.Server<undefined> {
  const { store, drain, log } = services;
  const on = <R extends string>(route: R, handler: Handler<R>) => drain.wrap(observed(services, route, guarded(services, handler)));
  return Bun.serve({
    port,
    hostname: "0.0.0.0",
    idleTimeout: IDLE_SECONDS,
    routes: {
      "/v1/jobs": {
        POST: on("/v1/jobs", (request) => createJob(services, request)),
        GET: on("/v1/jobs", async (request) => Response.json({ jobs: await store.list(readLimit(request)) })),
      },
      "/v1/jobs/:id": { GET: on("/v1/jobs/:id", (request) => showJob(store, request.params.id)) },
      "/v1/jobs/:id/screenshot": {
        GET: on("/v1/jobs/:id/screenshot", (request) => showScreenshot(store, request.params.id)),
      },
      "/health": { GET: drain.wrap(() => showHealth(services)) },
    },
    fetch: drain.wrap((request) => problem(404, "not_found", `nothing at ${request.method} ${new URL(request.url).pathname}`)),
    error: (error) => {
      log.error({ err: error }, "request failed");
      return problem(500, "internal", "the request failed; the log has the reason");
    },
  });
}

async function createJob({ store, dispatcher, log }: Services, request: Request): Promise<Response> {
  const url = await readJobRequest(request);
  const id = newJobId();
  const job = await store.insert(id, url);
  log.info({ job: id, url }, "job accepted");
  await dispatcher.dispatch(id);
  return Response.json(job, { status: 202, headers: { location: `/v1/jobs/${id}` } });
}

async function showJob(store: JobStore, id: string): Promise<Response> {
  const job = isJobId(id) ? await store.get(id) : null;
  return job === null ? problem(404, "not_found", "there is no such job") : Response.json(job);
}

async function showScreenshot(store: JobStore, id: string): Promise<Response> {
  const image = isJobId(id) ? await store.screenshot(id) : null;
  const type = image === null ? null : imageType(image);
  if (image === null || type === null) return problem(404, "not_found", "there is no such screenshot");
  // A result is written once and never changes.
  return new Response(image, {
    headers: { "content-type": type, "cache-control": "private, max-age=31536000, immutable", "x-content-type-options": "nosniff" },
  });
}

async function showHealth({ health }: Services): Promise<Response> {
  const stores = await health();
  const healthy = isHealthy(stores);
  return Response.json({ status: healthy ? "ok" : "unavailable", ...stores }, { status: healthy ? 200 : 503 });
}

function guarded<R extends string>({ gate, log }: Services, handler: Handler<R>): Handler<R> {
  return async (request) => {
    const reason = await gate(request);
    if (reason === null) return handler(request);
    log.debug({ reason }, "no session");
    return problem(401, "no_session", "there is no session, or it has ended");
  };
}

function observed<R extends string>({ metrics, log }: Services, route: R, handler: Handler<R>): Handler<R> {
  return async (request) => {
    const started = performance.now();
    const response = await handler(request).catch((error: unknown) => problemFor(error, log));
    const seconds = (performance.now() - started) / 1_000;
    metrics.observe(request.method, route, response.status, seconds);
    log.debug({ method: request.method, route, status: response.status, seconds }, "request");
    return response;
  };
}

function problemFor(error: unknown, log: Logger): Response {
  if (error instanceof BadRequest) return problem(error.status, error.code, error.message);
  log.error({ err: error }, "request failed");
  if (error instanceof DatabaseUnavailable) return problem(503, "unavailable", "the database does not answer; try again");
  return problem(500, "internal", "the request failed; the log has the reason");
}

function problem(status: number, code: string, message: string): Response {
  return Response.json({ error: { code, message } }, { status });
}
