/** The dashboard's routes. */
import type { Drain } from "@platform/shared/drain";
import { isJobId } from "@platform/shared/job";
import type { Logger } from "@platform/shared/log";
import type { RequestMetrics } from "@platform/shared/metrics";
import type { BunRequest, Server } from "bun";
import { json, nothingHere, problem } from "./answers.ts";
import { type ApiClient, ApiRefusal, ApiUnavailable } from "./api.ts";
import type { Assets } from "./assets.ts";
import { asked, askedByHeaders, EDGE_AUTH, letThrough } from "./auth/edge.ts";
import { Guard } from "./auth/guard.ts";
import type { Auth } from "./auth/index.ts";
import { serveSignIn, signIn } from "./auth/sign_in.ts";
import { encodedResponse } from "./encoding.ts";
import { eventStream } from "./events.ts";
import type { Feed } from "./feed.ts";
import { DATA_HEADERS, isSameOrigin, pageHeaders } from "./security.ts";

export interface Parts {
  readonly api: ApiClient;
  readonly auth: Auth;
  readonly feed: Feed;
  readonly assets: Assets;
  readonly drain: Drain;
  readonly metrics: RequestMetrics;
  readonly log: Logger;
}

/** Who is let in, and what becomes of others. What is not here is open. */
const GUARDS = {
  "/": "page",
  "/session": "renewal",
  "/events": "data",
  "/jobs": "data",
  "/jobs/:id": "data",
  "/jobs/:id/screenshot": "data",
} as const;

type Guarded = keyof typeof GUARDS;
type Handler<R extends string> = (request: BunRequest<R>, server: Server<undefined>) => Response | Promise<Response>;

const MAX_BODY_BYTES = 16_384;
// Longer than the API may take for a post.
const IDLE_SECONDS = 30;
const IMMUTABLE = "public, max-age=31536000, immutable";
// A screenshot is written once, with the job's result; private, because the pages may be.
const SCREENSHOT_CACHE = "private, max-age=86400, immutable";

export function startServer(port: number, parts: Parts): Server<undefined> {
  const { assets, auth, feed, drain } = parts;
  const guard = new Guard(auth.gate, parts.log);
  const headers = pageHeaders(auth.gate === undefined ? [] : ["'self'", ...auth.gate.frameSources]);
  const on = <R extends string>(route: R, handler: Handler<R>) => drain.wrap(observed(parts, route, handler));
  const guarded = <R extends Guarded>(route: R, handler: Handler<R>) => on(route, guard[GUARDS[route]](handler));
  return Bun.serve({
    port,
    development: false,
    // Without development mode Bun lets two processes listen on one port, each with half of the requests.
    reusePort: false,
    idleTimeout: IDLE_SECONDS,
    maxRequestBodySize: MAX_BODY_BYTES,
    routes: {
      "/": { GET: guarded("/", (request) => servePage(request, assets, headers)) },
      "/session": { GET: guarded("/session", () => json({ session: "valid" })) },
      "/sign-in": {
        GET: on("/sign-in", (request) => serveSignIn(request, auth.test, assets.signIn)),
        POST: on("/sign-in", (request) => signIn(request, auth.test)),
      },
      "/assets/:file": { GET: on("/assets/:file", (request) => serveAsset(request, assets, request.params.file)) },
      "/events": {
        GET: guarded("/events", (request, server) => {
          server.timeout(request, 0);
          return serveEvents(feed, assets.build);
        }),
      },
      "/jobs": { POST: guarded("/jobs", (request) => postJob(request, parts)) },
      "/jobs/:id": { GET: guarded("/jobs/:id", ({ params }) => serveJob(params.id, parts)) },
      "/jobs/:id/screenshot": { GET: guarded("/jobs/:id/screenshot", ({ params }) => serveScreenshot(params.id, parts)) },
      ...edgeRoutes(guard, drain),
      "/health": { GET: drain.wrap(() => json({ status: "ok" })) },
    },
    fetch: drain.wrap(nothingHere),
    error: drain.wrap((error) => failure(error, parts.log)),
  });
}

/** The same guards as those of the routes themselves, for the edge, which asks first. */
function edgeRoutes(guard: Guard, drain: Drain): Record<string, (request: Request) => Promise<Response>> {
  const guarded = Object.entries(GUARDS).map(([route, kind]) => [route, guard[kind](letThrough)] as const);
  // Nobody else has anything to ask.
  const others = [EDGE_AUTH, `${EDGE_AUTH}/*`].map((route) => [route, nothingHere] as const);
  const answers = Object.fromEntries([
    ...guarded.map(([route, answer]) => [EDGE_AUTH + route, asked(answer)] as const),
    ...others.map(([route, answer]) => [EDGE_AUTH + route, answer] as const),
    [`${EDGE_AUTH}/*`, asked(letThrough)],
    [EDGE_AUTH, askedByHeaders([...guarded, ...others], nothingHere)],
  ]);
  return Object.fromEntries(Object.entries(answers).map(([route, answer]) => [route, drain.wrap(answer)]));
}

/** Counts what was answered. A stream of events counts when it begins: how long it lasts is the client's affair. */
function observed<R extends string>({ metrics, log }: Parts, route: R, handler: Handler<R>): Handler<R> {
  return async (request, server) => {
    const started = performance.now();
    const answer = async () => handler(request, server);
    const response = await answer().catch((error: unknown) => failure(error, log));
    metrics.observe(request.method, route, response.status, (performance.now() - started) / 1_000);
    return response;
  };
}

function servePage(request: Request, assets: Assets, safety: Readonly<Record<string, string>>): Response {
  // Weak: the same page in another coding has other bytes.
  const etag = `W/"${assets.build}"`;
  const headers = { ...safety, "content-type": "text/html; charset=utf-8", "cache-control": "no-cache", etag };
  if (hasCurrent(request, assets.build)) return new Response(null, { status: 304, headers });
  return encodedResponse(request, assets.page, headers);
}

/** Whether the client already has this build (RFC 9110, section 13.1.2). */
function hasCurrent(request: Request, build: string): boolean {
  const known = request.headers.get("if-none-match") ?? "";
  return known.split(",").some((tag) => tag.trim().replace(/^W\//, "") === `"${build}"`);
}

function serveAsset(request: Request, assets: Assets, file: string): Response {
  const asset = assets.files.get(file);
  if (asset === undefined) return problem(404, "there is no such file");
  return encodedResponse(request, asset.body, { ...DATA_HEADERS, "content-type": asset.type, "cache-control": IMMUTABLE });
}

function serveEvents(feed: Feed, build: string): Response {
  const headers = {
    ...DATA_HEADERS,
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    // nginx and its relatives would collect the events otherwise.
    "x-accel-buffering": "no",
  };
  return new Response(eventStream(feed, build), { headers });
}

async function postJob(request: Request, { api, feed, log }: Parts): Promise<Response> {
  if (!isSameOrigin(request)) {
    return problem(403, "jobs are posted here by the dashboard's own page only; programs use the API");
  }
  const url = await readUrl(request);
  if (url === null) return problem(400, 'the body is not JSON of the form {"url": "https://…"}');
  const id = await api.post(url);
  log.info({ job: id }, "job posted");
  feed.refresh();
  return json({ id }, 202);
}

async function readUrl(request: Request): Promise<string | null> {
  // Another site's form cannot send this type without asking first (CORS preflight): a second lock.
  if (!/^application\/json\b/i.test(request.headers.get("content-type") ?? "")) return null;
  const body: unknown = await request.json().catch(() => null);
  if (typeof body !== "object" || body === null || !("url" in body)) return null;
  return typeof body.url === "string" ? body.url : null;
}

async function serveJob(id: string, { api }: Parts): Promise<Response> {
  return isJobId(id) ? json(await api.get(id)) : problem(404, "there is no such job");
}

async function serveScreenshot(id: string, { api }: Parts): Promise<Response> {
  if (!isJobId(id)) return problem(404, "there is no such job");
  const { type, body } = await api.screenshot(id);
  const headers = { ...DATA_HEADERS, "content-type": type, "cache-control": SCREENSHOT_CACHE };
  return new Response(body, { headers });
}

function failure(error: unknown, log: Logger): Response {
  if (error instanceof ApiRefusal) return problem(error.status, error.message);
  if (error instanceof ApiUnavailable) {
    log.warn({ reason: error.message }, "api unavailable");
    return problem(502, error.message);
  }
  log.error({ err: error }, "request failed");
  return problem(500, "the dashboard failed; its log says why");
}
