import { describe, expect, test } from "bun:test";
import { LibsqlError } from "@libsql/client/http";
import { Database, DatabaseUnavailable, isTransient, whenAvailable } from "./database.ts";
import { createLogger } from "./log.ts";

const log = createLogger("test", "fatal");

/** A server that answers the given statuses, one after the other, then the last one for ever. */
function server(statuses: readonly number[]) {
  let requests = 0;
  const http = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => {
      // The client first asks which protocol the server speaks.
      if (request.method === "GET") return new Response();
      const status = statuses[Math.min(requests, statuses.length - 1)] ?? 500;
      requests += 1;
      return status === 200 ? Response.json(answer()) : new Response("no", { status });
    },
  });
  return { url: `http://127.0.0.1:${http.port}`, requests: () => requests, stop: () => http.stop(true) };
}

function answer() {
  const result = { cols: [{ name: "n", decltype: null }], rows: [[{ type: "integer", value: "1" }]], affected_row_count: 0 };
  const response = (type: string, more: object) => ({ type: "ok", response: { type, ...more } });
  return { baton: null, base_url: null, results: [response("execute", { result }), response("close", {})] };
}

describe("a statement", () => {
  test("is sent again while the server does not answer", async () => {
    const sqld = server([503, 502, 200]);
    const { rows } = await new Database({ url: sqld.url, authToken: undefined, log }).execute("SELECT 1 AS n");
    expect(Number(rows[0]?.n)).toBe(1);
    expect(sqld.requests()).toBe(3);
    await sqld.stop();
  });

  test("is not sent again where the server refuses it", async () => {
    const sqld = server([401]);
    const database = new Database({ url: sqld.url, authToken: undefined, log });
    await expect(database.execute("SELECT 1")).rejects.toThrow(LibsqlError);
    expect(sqld.requests()).toBe(1);
    await sqld.stop();
  });

  test("fails when the patience ends", async () => {
    const database = new Database({ url: "http://127.0.0.1:9", authToken: undefined, log, patienceMs: 250 });
    const started = performance.now();
    await expect(database.execute("SELECT 1")).rejects.toThrow(DatabaseUnavailable);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

describe("work for when the database is there", () => {
  const { signal } = new AbortController();

  test("is done then, however often its patience has ended", async () => {
    let tries = 0;
    const work = async () => {
      tries += 1;
      if (tries < 4) throw new DatabaseUnavailable("away");
    };
    expect(await whenAvailable(work, signal)).toBe(true);
    expect(tries).toBe(4);
  });

  test("is given up when it is refused", async () => {
    await expect(whenAvailable(() => Promise.reject(new LibsqlError("no", "AUTH")), signal)).rejects.toThrow(LibsqlError);
  });

  test("is given up at once when it is not wanted any more", async () => {
    const stop = new AbortController();
    const waiting = whenAvailable(() => new Promise(() => {}), stop.signal);
    stop.abort();
    expect(await waiting).toBe(false);
    expect(await whenAvailable(() => Promise.resolve(), stop.signal)).toBe(false);
  });
});

describe("transient is", () => {
  const answered = (status: number) =>
    new LibsqlError("refused", "SERVER_ERROR", undefined, undefined, Object.assign(new Error("refused"), { status }));

  test.each([
    ["a refused connection", new TypeError("ECONNREFUSED"), true],
    ["an answer of 503", answered(503), true],
    ["an answer of 429", answered(429), true],
    ["a busy database", new LibsqlError("busy", "SQLITE_BUSY"), true],
    ["an answer of 401", answered(401), false],
    ["a wrong statement", new LibsqlError("no such table", "SQLITE_ERROR"), false],
  ])("%s: %#", (_what, error, expected) => expect(isTransient(error)).toBe(expected));
});
