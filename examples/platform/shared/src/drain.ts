/**
 * A service's end without a lost request. Bun's `server.stop()` ends idle connections at once, and a client may just be
 * writing its next request on one of them. So before that, every answer tells its client to leave (`Connection: close`,
 * RFC 9112, section 9.6; Bun ends the connection behind it), while new connections are still taken.
 *
 * On Kubernetes the platform's preStop pause comes first: when SIGTERM arrives, nobody is sent here any more, and only
 * those who have a connection have to be told.
 */
import { pause } from "./time.ts";

type Handler<A extends unknown[]> = (...args: A) => Response | Promise<Response>;

export interface DrainTimes {
  /** How long no request must come, in milliseconds: longer than most clients are silent between two requests. */
  readonly quietMs: number;
  /** The longest that it may take. */
  readonly limitMs: number;
}

const TIMES: DrainTimes = { quietMs: 1_000, limitMs: 4_000 };
const LOOK_MS = 5;

export class Drain {
  readonly #times: DrainTimes;
  #draining = false;
  #lastRequest = 0;
  #answering = 0;

  constructor(times: DrainTimes = TIMES) {
    this.#times = times;
  }

  /** The same handler, whose answers end their connections once the drain has begun. */
  wrap<A extends unknown[]>(handler: Handler<A>): (...args: A) => Promise<Response> {
    return async (...args) => {
      this.#lastRequest = performance.now();
      this.#answering += 1;
      try {
        const response = await handler(...args);
        if (this.#draining) response.headers.set("connection", "close");
        return response;
      } finally {
        this.#answering -= 1;
      }
    };
  }

  /** Resolves when no handler is at work. */
  async idle(): Promise<void> {
    while (this.#answering > 0) await pause(LOOK_MS);
  }

  /** Resolves when the clients have left: the server may stop now. */
  async run(): Promise<void> {
    this.#draining = true;
    const begin = performance.now();
    for (;;) {
      const now = performance.now();
      const quietAt = Math.max(begin, this.#lastRequest) + this.#times.quietMs;
      const end = Math.min(quietAt, begin + this.#times.limitMs);
      if (now >= end) return;
      await pause(end - now);
    }
  }
}
