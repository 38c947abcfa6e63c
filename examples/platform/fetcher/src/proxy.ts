/**
 * The browser's only way out: a forward proxy on the loopback interface. It resolves names itself, checks every
 * connection against the egress rule, and connects to the very address that it checked, so a name server that changes
 * its answer (DNS rebinding) gains nothing.
 */
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { FetchError } from "@platform/shared/fetch_result";
import type { Logger } from "@platform/shared/log";
import { errorText, withTimeout } from "@platform/shared/time";
import { allowedAddresses, EgressRefused, type EgressRule, type Resolve, resolveHost } from "./egress.ts";
import { type Head, MalformedHead, readHead, writeHead } from "./http_head.ts";

const HEAD_LIMIT_MS = 10_000;
const CONNECT_LIMIT_MS = 5_000;
const LOGGED_REFUSALS = 20;

interface Target {
  readonly host: string;
  readonly port: number;
}

export class EgressProxy {
  readonly #rule: EgressRule;
  readonly #log: Logger;
  readonly #resolve: Resolve;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** By host:port: why the last connection did not come about. */
  readonly #failures = new Map<string, FetchError>();

  constructor(rule: EgressRule, log: Logger, resolve: Resolve = resolveHost) {
    this.#rule = rule;
    this.#log = log;
    this.#resolve = resolve;
    this.#server = createServer((client) => void this.#serve(client));
  }

  /** Listens on a free port of 127.0.0.1 and returns it. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(0, "127.0.0.1", () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Why the last connection for this URL did not come about; undefined if it did, or was not tried. */
  failureOf(url: string): FetchError | undefined {
    return URL.canParse(url) ? this.#failures.get(keyOf(targetOf(url))) : undefined;
  }

  async #serve(client: Socket): Promise<void> {
    this.#track(client);
    try {
      const { head, rest } = await withTimeout(readHead(client), HEAD_LIMIT_MS, "the request");
      const [method = "", address = ""] = head.startLine.split(" ");
      if (method === "CONNECT") await this.#tunnel(client, address, rest);
      else await this.#forward(client, head, method, address, rest);
    } catch (error) {
      client.end(`${statusLine(error)}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    }
  }

  async #tunnel(client: Socket, authority: string, rest: Buffer): Promise<void> {
    const upstream = await this.#open(targetOf(`http://${authority}`));
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    upstream.write(rest);
    client.pipe(upstream).pipe(client);
    endTogether(client, upstream);
  }

  async #forward(client: Socket, head: Head, method: string, address: string, rest: Buffer): Promise<void> {
    const url = URL.parse(address);
    if (url?.protocol !== "http:") throw new MalformedHead("the request names no http URL");
    const target = targetOf(address);
    const upstream = await this.#open(target);
    upstream.write(writeHead({ ...head, startLine: `${method} ${url.pathname}${url.search} HTTP/1.1` }));
    upstream.write(rest);
    client.pipe(upstream);
    try {
      await answer(upstream, client);
    } catch (error) {
      upstream.destroy();
      const reason = new Error(`the server's answer cannot be used: ${errorText(error)}`, { cause: error });
      this.#remember(target, reason);
      throw reason;
    }
    endTogether(client, upstream);
  }

  /** @throws EgressRefused, Error */
  async #open(target: Target): Promise<Socket> {
    try {
      const addresses = await allowedAddresses(this.#rule, target.host, this.#resolve);
      const socket = await this.#connectToAny(addresses, target.port);
      this.#failures.delete(keyOf(target));
      return socket;
    } catch (error) {
      this.#remember(target, error);
      throw error;
    }
  }

  /** @throws the last address's error */
  async #connectToAny(addresses: readonly string[], port: number): Promise<Socket> {
    let failure: unknown;
    for (const address of addresses) {
      const socket = connect({ host: address, port });
      this.#track(socket);
      try {
        await withTimeout(connected(socket), CONNECT_LIMIT_MS, `connecting to ${address}`);
        return socket;
      } catch (error) {
        socket.destroy();
        failure = error;
      }
    }
    throw failure;
  }

  #remember(target: Target, error: unknown): void {
    const key = keyOf(target);
    const failure: FetchError =
      error instanceof EgressRefused
        ? { code: error.code, message: error.message, permanent: error.permanent }
        : { code: "connection", message: `${key}: ${errorText(error)}`, permanent: false };
    if (!this.#failures.has(key) && this.#failures.size < LOGGED_REFUSALS) {
      this.#log.warn({ host: target.host, port: target.port, code: failure.code, reason: failure.message }, "no connection");
    }
    this.#failures.set(key, failure);
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    // Errors are a connection's normal end here; whoever waits for one learns it by its own listener.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
  }
}

/** Passes an HTTP answer on, so that the browser takes no second request to this connection: it is of one host. */
async function answer(upstream: Socket, client: Socket): Promise<void> {
  let { head, rest } = await readHead(upstream);
  while (/^HTTP\/1\.\d 1\d\d/.test(head.startLine)) {
    client.write(`${[head.startLine, ...head.headers].join("\r\n")}\r\n\r\n`);
    ({ head, rest } = await readHead(upstream, rest));
  }
  if (!head.startLine.startsWith("HTTP/1.")) throw new MalformedHead("the server does not speak HTTP/1");
  client.write(writeHead(head));
  client.write(rest);
  upstream.pipe(client);
}

function endTogether(client: Socket, upstream: Socket): void {
  client.on("close", () => upstream.destroy());
  upstream.on("close", () => client.destroySoon());
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
}

/** @throws MalformedHead */
function targetOf(url: string): Target {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.hostname === "") throw new MalformedHead("the request names no host");
  const standard = parsed.protocol === "https:" ? 443 : 80;
  return { host: parsed.hostname, port: Number(parsed.port || standard) };
}

function keyOf({ host, port }: Target): string {
  return `${host}:${port}`;
}

function statusLine(error: unknown): string {
  if (error instanceof EgressRefused) return "HTTP/1.1 403 Forbidden";
  return error instanceof MalformedHead ? "HTTP/1.1 400 Bad Request" : "HTTP/1.1 502 Bad Gateway";
}
