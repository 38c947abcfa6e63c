/** One HTTP server on one unix socket for one service. */
import { chmodSync, lstatSync, unlinkSync } from "node:fs";
import { readBody } from "./body.ts";
import { decide, type Call, type Decision } from "./decide.ts";
import { EngineDown, EngineError } from "./engine.ts";
import type { Fields, Log } from "./log.ts";
import type { Outcome, Performer } from "./perform.ts";
import type { ServicePolicy } from "./policy.ts";
import { Refusal } from "./refusal.ts";

/** Requests of one service that are under way at once, open streams of logs too: some for itself and for each container. */
const REQUESTS = 64;
const REQUESTS_PER_CONTAINER = 8;

/**
 * Waits and followed logs last as long as the task. Bun ends requests on a unix socket after 10 s too, though its types
 * have no idleTimeout there and server.timeout() does nothing. Slow headers it ends after 10 s in any case.
 */
const NEVER_IDLE = { idleTimeout: 0 } as object;

function refused(status: number, message: string): Response {
  return Response.json({ message }, { status });
}

/** One request per connection: neither the rest of a refused body nor an idle connection stays. */
function closing(response: Response): Response {
  response.headers.set("Connection", "close");
  return response;
}

/** The body, with `ended` called once it was sent or its client went away. */
function tracked(body: ReadableStream<Uint8Array>, ended: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
      if (value !== undefined) controller.enqueue(value);
      if (!done) return;
      controller.close();
      ended();
    },
    async cancel() {
      ended();
      await reader.cancel();
    },
  });
}

/** Removes the socket that an earlier guard left, and nothing else. */
function removeStale(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new Error(`${path} exists and is not a socket`);
  unlinkSync(path);
}

function requestLimit(service: ServicePolicy): number {
  const containers = [...service.tasks.values()].reduce((sum, task) => sum + task.atOnce, 0);
  return REQUESTS + REQUESTS_PER_CONTAINER * containers;
}

/** Splits the request's target by hand: with an odd Host header the URL has no origin. */
function target(url: string): { readonly path: string; readonly query: string } {
  const at = url.replace(/^https?:\/\/[^/]*/, "");
  const mark = at.indexOf("?");
  return mark < 0 ? { path: at, query: "" } : { path: at.slice(0, mark), query: at.slice(mark + 1) };
}

async function readCall(request: Request): Promise<Call> {
  const upgrade = request.headers.has("Upgrade") || /\bupgrade\b/i.test(request.headers.get("Connection") ?? "");
  return { method: request.method, ...target(request.url), body: await readBody(request), upgrade };
}

/** The answer to a failure, and the reason for the log. */
function failure(error: unknown): { readonly response: Response; readonly decision: string; readonly reason: string } {
  if (error instanceof Refusal) {
    return { response: refused(error.status, error.message), decision: "refused", reason: error.message };
  }
  if (error instanceof EngineError) {
    const message = `docker guard: the Docker Engine answered: ${error.message}`;
    return { response: refused(error.status, message), decision: "allowed", reason: message };
  }
  const down = error instanceof EngineDown;
  const message = `docker guard: ${down ? "the Docker Engine does not answer" : "an error of its own"}`;
  return { response: refused(down ? 503 : 500, message), decision: "failed", reason: `${message}: ${String(error)}` };
}

export class ServiceServer {
  private underway = 0;
  private server: Bun.Server<undefined> | undefined;

  constructor(
    private readonly service: ServicePolicy,
    private readonly performer: Performer,
    private readonly log: Log,
  ) {}

  /** Listens on the service's socket, mode 0660. */
  listen(): void {
    removeStale(this.service.socket);
    const mask = process.umask(0o117);
    try {
      this.server = Bun.serve({
        unix: this.service.socket,
        ...NEVER_IDLE,
        // Bodies are bounded where they are read: there the answer can say why.
        maxRequestBodySize: Number.MAX_SAFE_INTEGER,
        development: false,
        fetch: (request) => this.handle(request),
      });
      chmodSync(this.service.socket, 0o660);
    } finally {
      process.umask(mask);
    }
  }

  /** Ends at once, calls that are under way too. */
  async close(): Promise<void> {
    if (this.server === undefined) return;
    await this.server.stop(true);
    removeStale(this.service.socket);
  }

  private async handle(request: Request): Promise<Response> {
    const limit = requestLimit(this.service);
    if (this.underway >= limit) {
      const refusal = new Refusal(429, `${this.underway} requests are under way; allowed: ${limit}`);
      return closing(this.fail(request, refusal).response);
    }
    this.underway += 1;
    let open = true;
    const ended = () => {
      if (open) this.underway -= 1;
      open = false;
    };
    request.signal.addEventListener("abort", ended, { once: true });
    const { response, stream } = await this.answer(request);
    if (stream !== undefined) return closing(new Response(tracked(stream, ended), response));
    ended();
    return closing(response);
  }

  private async answer(request: Request): Promise<Outcome> {
    try {
      const decision = decide(this.service, await readCall(request));
      if (decision.kind === "refuse") throw decision.refusal;
      const outcome = await this.performer.perform(decision, request.signal);
      this.logAllowed(request, decision, outcome);
      return outcome;
    } catch (error) {
      return this.fail(request, error);
    }
  }

  private logAllowed(request: Request, decision: Decision, { response, fields }: Outcome): void {
    // The health check asks every few seconds.
    if (decision.kind === "ping") return;
    this.log("info", "allowed", { ...this.described(request), status: response.status, ...fields });
  }

  private fail(request: Request, error: unknown): Outcome {
    const { response, decision, reason } = failure(error);
    const gone = request.signal.aborted;
    const fields = { ...this.described(request), status: response.status, reason };
    if (gone) this.log("info", "client went away", this.described(request));
    else this.log("warn", decision, fields);
    return { response, fields };
  }

  private described(request: Request): Fields {
    return { client: this.service.name, method: request.method, path: target(request.url).path };
  }
}
