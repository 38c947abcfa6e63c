/** The connection to /events: comes back by itself, and is given up while nobody sees the page. */
import type { FeedEvent } from "../feed.ts";
import { request } from "./session.ts";

export interface Hello {
  readonly build: string;
  readonly now: number;
}

export interface Listener {
  hello(hello: Hello): void;
  event(event: FeedEvent): void;
  connected(connected: boolean): void;
}

/** The server says something every 10 seconds; after this long without, the connection is dead. */
const SILENCE_MS = 25_000;
const RETRY_MS = 2_000;

export class Stream {
  readonly #listener: Listener;
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(listener: Listener) {
    this.#listener = listener;
    // Browsers open six connections per host at most: tabs in the background must not hold them all.
    document.addEventListener("visibilitychange", () => this.#follow());
    this.#follow();
  }

  #follow(): void {
    if (document.visibilityState === "visible") this.#open();
    else this.#close();
  }

  #open(): void {
    this.#close();
    const source = new EventSource("/events");
    this.#source = source;
    this.#retryIn(SILENCE_MS);
    source.onerror = () => {
      this.#listener.connected(false);
      // The browser tries again by itself unless it was answered with an error.
      if (source.readyState === EventSource.CLOSED) void this.#retrySoon(source);
    };
    this.#on<Hello>(source, "hello", (hello) => {
      this.#listener.connected(true);
      this.#listener.hello(hello);
    });
    for (const type of ["snapshot", "change", "api"]) {
      this.#on<FeedEvent>(source, type, (event) => this.#listener.event(event));
    }
    this.#on(source, "ping", () => {});
  }

  /** It may be the session that has ended: what was answered, an EventSource does not tell. */
  async #retrySoon(source: EventSource): Promise<void> {
    this.#retryIn(SILENCE_MS);
    await request("/session").catch(() => null);
    if (this.#source === source) this.#retryIn(RETRY_MS);
  }

  #on<T>(source: EventSource, type: string, handle: (data: T) => void): void {
    source.addEventListener(type, (message: MessageEvent<string>) => {
      this.#retryIn(SILENCE_MS);
      handle(JSON.parse(message.data) as T);
    });
  }

  #retryIn(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#listener.connected(false);
      this.#open();
    }, milliseconds);
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
  }
}
