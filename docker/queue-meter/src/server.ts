/** The HTTP side. */
import type { Log } from "./log.ts";
import type { Meter } from "./meter.ts";
import { CONTENT_TYPE, metricsText } from "./metrics.ts";
import { Outages } from "./outage.ts";

const QUEUE_PATH = /^\/queues\/([^/]+)\/(.+)$/;

/** How long answers that are under way may take once the program ends: a measuring lasts 1 s at the most. */
const STOP_LIMIT_MS = 1_500;

const failed = (status: number, message: string): Response => Response.json({ message }, { status });

export class MeterServer {
  readonly #server: Bun.Server<undefined>;
  readonly #outages = new Outages(() => performance.now());
  #stopping = false;

  /** Listens on `port`, or on a free one for 0. @throws Error if it cannot */
  constructor(
    private readonly meter: Meter,
    private readonly log: Log,
    port: number,
  ) {
    this.#server = Bun.serve({
      port,
      hostname: "0.0.0.0",
      fetch: (request) => this.#handle(request),
      error: (error) => {
        this.log("error", "a request failed", { error: String(error) });
        return failed(500, "queue meter: an error of its own; the log has the reason");
      },
    });
  }

  get port(): number {
    return this.#server.port ?? 0;
  }

  /** Takes no connection any more, and ends those that are open, at the latest after 1.5 s. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const ended = this.#server.stop();
    const late = setTimeout(() => void this.#server.stop(true), STOP_LIMIT_MS);
    await ended;
    clearTimeout(late);
  }

  async #handle(request: Request): Promise<Response> {
    const response = await this.#answer(request);
    if (this.#stopping) response.headers.set("Connection", "close");
    return response;
  }

  async #answer(request: Request): Promise<Response> {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return failed(405, `queue meter: found the method ${request.method}, expected GET`);
    }
    const { pathname } = new URL(request.url);
    if (pathname === "/health") return Response.json({ status: "ok" });
    if (pathname === "/metrics") return this.#metrics();
    const [, store, name] = QUEUE_PATH.exec(pathname) ?? [];
    if (store === undefined || name === undefined) {
      return failed(404, "queue meter: known are /queues/<store>/<name>, /metrics and /health");
    }
    return this.#queue(decoded(store), decoded(name));
  }

  async #queue(store: string, name: string): Promise<Response> {
    const queue = this.meter.find(store, name);
    if (queue === undefined) {
      const known = this.meter.queues.map((one) => `${one.store}/${one.name}`).join(", ");
      return failed(404, `queue meter: found the queue ${store}/${name}, expected one of ${known}`);
    }
    const told = this.#outages.told(queue, await this.meter.measure(queue));
    if ("depth" in told) return Response.json(told.depth);
    if ("stale_seconds" in told) return Response.json(told);
    return failed(503, `queue meter: cannot measure ${store}/${name}: ${told.reason}`);
  }

  async #metrics(): Promise<Response> {
    const results = this.meter.queues.map(async (queue) => [queue, await this.meter.measure(queue)] as const);
    const [queues, stores] = await Promise.all([Promise.all(results), this.meter.tellStores()]);
    return new Response(metricsText(queues, stores), { headers: { "Content-Type": CONTENT_TYPE } });
  }
}

/** A path's part as the client meant it; as it stands if that cannot be told. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
