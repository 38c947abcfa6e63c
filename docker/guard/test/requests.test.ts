/** What arrives at the socket as bytes: bodies, headers and targets that no HTTP client would send. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { readBody } from "../src/body.ts";
import { Guard } from "../src/guard.ts";
import { Refusal } from "../src/refusal.ts";
import { TASK, policy } from "./fixtures.ts";
import { StubEngine } from "./stub_engine.ts";

let engine: StubEngine;
let guard: Guard;
let running: Promise<boolean>;
let socket: string;

beforeAll(async () => {
  engine = new StubEngine();
  socket = join(engine.folder, "worker.sock");
  const log = () => undefined;
  guard = new Guard({ policy: policy(TASK, socket), engineSocket: engine.socket, log, roundMs: 1000, giveUpMs: 5000 });
  running = guard.run();
  while (
    !(await Bun.file(socket)
      .stat()
      .catch(() => undefined))
  )
    await Bun.sleep(10);
});

afterAll(async () => {
  guard.stop();
  await running;
  await engine.close();
});

/** Sends pieces of bytes, a moment apart, and returns everything that comes back until the guard closes. */
async function raw(...pieces: string[]): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let received = "";
  const connection = await Bun.connect({
    unix: socket,
    socket: {
      data: (_socket, data) => void (received += data.toString()),
      close: () => resolve(received),
      error: () => resolve(received),
    },
  });
  for (const piece of pieces) {
    connection.write(piece);
    await Bun.sleep(20);
  }
  return promise;
}

const post = (...headers: string[]) =>
  `POST /containers/create HTTP/1.1\r\nHost: guard\r\n${headers.map((line) => `${line}\r\n`).join("")}\r\n`;

function answered(response: string): [number, string] {
  const status = Number(response.split(" ")[1]);
  const body = /\{"message":.*\}/.exec(response)?.[0];
  return [status, body === undefined ? "" : (JSON.parse(body) as { message: string }).message];
}

const LARGE: [number, string] = [413, "docker guard: the body is larger than 65536 bytes; 65536 are allowed"];

describe("bodies", () => {
  test("one that says it is too large is refused before it comes", async () => {
    expect(answered(await raw(post("Content-Length: 99999999999")))).toEqual(LARGE);
  });

  test("one in chunks is refused when it has become too large", async () => {
    const chunk = `8000\r\n${"a".repeat(0x8000)}\r\n`;
    expect(answered(await raw(post("Transfer-Encoding: chunked"), chunk, chunk, chunk))).toEqual(LARGE);
  });

  test("one of the size allowed is read", async () => {
    const body = JSON.stringify({ Image: "fetcher" }).padEnd(65_536);
    expect((await raw(post("Content-Length: 65536") + body)).split("\r\n")[0]).toBe("HTTP/1.1 201 Created");
  });

  test("one that is not UTF-8", async () => {
    const body = Buffer.from([0x7b, 0xff, 0x7d]);
    const response = await fetch("http://guard/containers/create", { method: "POST", body, unix: socket });
    expect([response.status, await response.json()]).toEqual([
      400,
      { message: "docker guard: the body is not UTF-8 text or broke off" },
    ]);
  });

  test("one that does not come", async () => {
    const body = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode("{")) });
    const reading = readBody(new Request("http://guard/", { method: "POST", body }), 50);
    expect(reading).rejects.toEqual(new Refusal(400, "the body did not arrive within 0.05 s"));
  });

  test("one of two lengths", async () => {
    expect(answered(await raw(`${post("Content-Length: 2", "Transfer-Encoding: chunked")}0\r\n\r\n`))[0]).toBe(400);
    expect(answered(await raw(`${post("Content-Length: 2", "Content-Length: 3")}{}x`))[0]).toBe(400);
  });
});

describe("heads", () => {
  const refused = (path: string): [number, string] => [
    403,
    `docker guard: GET "${path}" is not allowed; allowed: GET /_ping, GET /version, POST /containers/create, `,
  ];
  const head = (target: string, host = "guard") => `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  const start = ([status, message]: [number, string], [, like]: [number, string]): [number, string] => [
    status,
    message.slice(0, like.length),
  ];

  test.each([
    ["/v1.45/../images/json", "/images/json"],
    ["/containers/%2e%2e/images/json", "/images/json"],
    ["http://engine/images/json", "/images/json"],
    ["//containers/json", "//containers/json"],
    ["/containers\\json\\..\\..\\info", "/info"],
    ["/info#/containers/json", "/info#/containers/json"],
  ])("the target %s is refused as %s", async (target, path) => {
    expect(start(answered(await raw(head(target))), refused(path))).toEqual(refused(path));
  });

  test.each(["x/containers/json?", "x?/_ping#", "a b", "["])("the Host %j does not move the path", async (host) => {
    expect(start(answered(await raw(head("/info", host))), refused("/info"))).toEqual(refused("/info"));
  });

  test("an upgrade is refused", async () => {
    const upgrade = "GET /_ping HTTP/1.1\r\nHost: guard\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
    const message = "docker guard: the request asks for another protocol (Upgrade); plain HTTP is allowed";
    expect(answered(await raw(upgrade))).toEqual([403, message]);
    expect(answered(await raw(upgrade.replace("Connection: Upgrade\r\n", "")))).toEqual([403, message]);
  });

  test("a second request in the same bytes is not answered", async () => {
    const response = await raw(head("/_ping") + head("/version"));
    expect(response).not.toContain("ApiVersion");
  });

  test("no header of the request reaches the Engine's path", async () => {
    const before = engine.seen.length;
    await raw(
      `POST /containers/create HTTP/1.1\r\nHost: guard\r\nX-HTTP-Method-Override: DELETE\r\nX-Original-URL: /info\r\nContent-Length: 19\r\n\r\n{"Image":"fetcher"}`,
    );
    const seen = engine.seen.slice(before).map((line) => line.split("?")[0]);
    expect(seen.filter((line) => line !== "GET /containers/json")).toEqual(["POST /containers/create"]);
  });
});
