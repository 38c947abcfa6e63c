/**
 * Server-Sent Events (HTML Standard, section 9.2). Events, each with one line of JSON:
 * `hello` {build, now}, then those of the feed, and a `ping` {} every few seconds, so that a client can tell a quiet
 * connection from a dead one.
 *
 * A stream ends after a while, and the browser asks for the next one: with the session that it has then. It is not cut
 * when the token ends with which it was opened. Clerk's tokens live for a minute and every page would get its whole list
 * again each time, while one that never ends would outlive the session for days.
 */
import type { Feed } from "./feed.ts";

const PING_MS = 10_000;
const STREAM_MS = 300_000;
/** A client that lets this many bytes pile up is cut off; it comes back and gets a fresh snapshot. */
const MAX_BACKLOG_BYTES = 1_048_576;

/** One client's stream of the feed; `build` tells an open page that it has become old. */
export function eventStream(feed: Feed, build: string, limitMs = STREAM_MS): ReadableStream<Uint8Array> {
  const stop = new AbortController();
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const end = (): void => {
          if (stop.signal.aborted) return;
          stop.abort();
          controller.close();
        };
        const send = (name: string, data: unknown): void => {
          if (stop.signal.aborted) return;
          controller.enqueue(encodeEvent(name, data));
          if ((controller.desiredSize ?? 0) <= 0) end();
        };
        send("hello", { build, now: Date.now() });
        const ping = setInterval(send, PING_MS, "ping", {});
        const limit = setTimeout(end, limitMs);
        const unsubscribe = feed.subscribe({ send: (event) => send(event.type, event), end });
        const release = (): void => {
          clearInterval(ping);
          clearTimeout(limit);
          unsubscribe();
        };
        if (stop.signal.aborted) release();
        else stop.signal.addEventListener("abort", release, { once: true });
      },
      cancel: () => stop.abort(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: MAX_BACKLOG_BYTES }),
  );
}

/** JSON has no raw line breaks, so no title can end an event early. */
export function encodeEvent(name: string, data: unknown): Uint8Array {
  return new TextEncoder().encode(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}
