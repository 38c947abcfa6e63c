import { afterEach, describe, expect, test } from "bun:test";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { createLogger } from "@platform/shared/log";
import { parseEgress } from "./egress.ts";
import { EgressProxy } from "./proxy.ts";

const log = createLogger("test", "fatal");
const cleanup: Array<() => void> = [];
afterEach(() => {
  for (const step of cleanup.splice(0)) step();
});

async function proxy(egress: string, names: Readonly<Record<string, readonly string[]>> = {}) {
  const lookups: string[] = [];
  const made = new EgressProxy(parseEgress(egress), log, async (host) => {
    lookups.push(host);
    return names[host] ?? [];
  });
  cleanup.push(() => made.close());
  return { proxy: made, port: await made.listen(), lookups };
}

/** A server that records what it is sent and answers with `reply` at the end of a head. */
async function origin(reply: string): Promise<{ port: number; received: () => string; connections: () => number }> {
  let received = "";
  let connections = 0;
  const server = createServer((socket: Socket) => {
    connections += 1;
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      if (received.includes("\r\n\r\n")) socket.end(reply);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanup.push(() => server.close());
  return { port: (server.address() as AddressInfo).port, received: () => received, connections: () => connections };
}

/** Sends raw bytes to the proxy and returns all that comes back. */
function send(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect({ host: "127.0.0.1", port }, () => socket.write(request));
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

const get = (url: string, more = "") => `GET ${url} HTTP/1.1\r\nHost: ${new URL(url).host}\r\n${more}\r\n`;
const status = (answer: string) => Number(answer.split(" ")[1]);

describe("a plain request", () => {
  test("goes to the host as its own, on a connection of its own", async () => {
    const server = await origin("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi");
    const { port, proxy: made } = await proxy("site", { site: ["127.0.0.1"] });
    const url = `http://site:${server.port}/a?b=c`;
    const answer = await send(port, get(url, "Proxy-Connection: keep-alive\r\nX-Kept: 1\r\nProxy-Authorization: x\r\n"));
    expect(server.received()).toBe(
      `GET /a?b=c HTTP/1.1\r\nHost: site:${server.port}\r\nX-Kept: 1\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toBe("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
    expect(made.failureOf(url)).toBeUndefined();
  });

  test("passes interim answers on", async () => {
    const server = await origin("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
    const { port } = await proxy("127.0.0.1");
    expect(await send(port, get(`http://127.0.0.1:${server.port}/`))).toBe(
      "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
    );
  });

  test("passes its body on", async () => {
    const server = await origin("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    const { port } = await proxy("127.0.0.1");
    await send(port, `POST http://127.0.0.1:${server.port}/ HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody`);
    expect(server.received()).toEndWith("\r\n\r\nbody");
  });

  test("whose server does not speak HTTP fails, and the proxy remembers it", async () => {
    const server = await origin("SSH-2.0-x\r\n\r\n");
    const { port, proxy: made } = await proxy("127.0.0.1");
    const url = `http://127.0.0.1:${server.port}/`;
    expect(status(await send(port, get(url)))).toBe(502);
    expect(made.failureOf(url)).toMatchObject({ code: "connection", permanent: false });
  });
});

describe("a tunnel", () => {
  test("carries bytes both ways", async () => {
    const server = await origin("pong");
    const { port } = await proxy("site", { site: ["127.0.0.1"] });
    const answer = await send(port, `CONNECT site:${server.port} HTTP/1.1\r\n\r\nping\r\n\r\n`);
    expect(server.received()).toBe("ping\r\n\r\n");
    expect(answer).toBe("HTTP/1.1 200 Connection established\r\n\r\npong");
  });

  test("tries the next address if one does not answer", async () => {
    const server = await origin("pong");
    const { port } = await proxy("site", { site: ["127.0.0.9", "127.0.0.1"] });
    expect(await send(port, `CONNECT site:${server.port} HTTP/1.1\r\n\r\n\r\n\r\n`)).toEndWith("pong");
  });
});

describe("no connection is made", () => {
  const refused = (egress: string, request: (port: number) => string, answer: number, names = {}) => async () => {
    const server = await origin("HTTP/1.1 200 OK\r\n\r\n");
    const { port } = await proxy(egress, names);
    expect(status(await send(port, request(server.port)))).toBe(answer);
    expect(server.connections()).toBe(0);
  };

  test("to loopback by address", refused("public", (port) => get(`http://127.0.0.1:${port}/`), 403));
  test("to loopback by name", refused("public", (port) => get(`http://a:${port}/`), 403, { a: ["127.0.0.1"] }));
  test("to loopback by a mapped address", refused("public", (port) => get(`http://[::ffff:127.0.0.1]:${port}/`), 403));
  test("to loopback in another notation", refused("public", (port) => `CONNECT 0x7f.1:${port} HTTP/1.1\r\n\r\n`, 403));
  test("through a tunnel", refused("public", (port) => `CONNECT 127.0.0.1:${port} HTTP/1.1\r\n\r\n`, 403));
  test("to another host than those of the rule", refused("site", (port) => get(`http://127.0.0.1:${port}/`), 403));
  test("without egress", refused("none", (port) => get(`http://127.0.0.1:${port}/`), 403));
  test("for a URL that is not http", refused("127.0.0.1", (port) => `GET ftp://127.0.0.1:${port}/ HTTP/1.1\r\n\r\n`, 400));
  test("for a path without a host", refused("127.0.0.1", () => "GET / HTTP/1.1\r\n\r\n", 400));
  test("for nonsense", refused("127.0.0.1", () => "\0\0\r\n\r\n", 400));
  test("for an endless head", refused("127.0.0.1", () => `GET http://127.0.0.1/ HTTP/1.1\r\nA: ${"x".repeat(70_000)}`, 400));
});

test("a name is resolved once per connection, so a second answer gains nothing", async () => {
  const server = await origin("HTTP/1.1 200 OK\r\n\r\n");
  const answers = [["127.0.0.1"], ["10.0.0.1"]];
  const rebinding = new EgressProxy(parseEgress("public"), log, async () => answers.shift() ?? []);
  cleanup.push(() => rebinding.close());
  const port = await rebinding.listen();
  const url = `http://rebind.example.com:${server.port}/`;
  expect(status(await send(port, get(url)))).toBe(403);
  expect(status(await send(port, get(url)))).toBe(403);
  expect(answers).toEqual([]);
  expect(server.connections()).toBe(0);
  expect(rebinding.failureOf(url)).toEqual({
    code: "refused_address",
    message: "rebind.example.com is not public (10.0.0.1)",
    permanent: true,
  });
});

test("a connection that comes about clears the failure before it", async () => {
  const server = await origin("HTTP/1.1 200 OK\r\n\r\n");
  const answers = [[], ["127.0.0.1"]];
  const made = new EgressProxy(parseEgress("site"), log, async () => answers.shift() ?? []);
  cleanup.push(() => made.close());
  const port = await made.listen();
  const url = `http://site:${server.port}/`;
  expect(status(await send(port, get(url)))).toBe(403);
  expect(made.failureOf(url)?.code).toBe("unresolvable");
  expect(status(await send(port, get(url)))).toBe(200);
  expect(made.failureOf(url)).toBeUndefined();
});
