/** The guard as a whole, over its real sockets, in front of a stand-in for the Engine. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { statSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Guard } from "../src/guard.ts";
import { silentSockets } from "../src/health.ts";
import type { Fields } from "../src/log.ts";
import type { Policy } from "../src/policy.ts";
import { TASK, policy, refusal, until } from "./fixtures.ts";
import { StubEngine } from "./stub_engine.ts";

const OWN = {
  "bunops.platform.project": "atlas",
  "bunops.platform.service": "worker",
  "bunops.platform.task": "fetcher",
};

let engine: StubEngine;
let guard: Guard;
let running: Promise<boolean>;
let socket: string;
let lines: { msg: string; fields: Fields }[];
let rules: Policy;

function begin(task: object = TASK, roundMs = 50): void {
  rules = policy(task, socket);
  const log = (_level: string, msg: string, fields: Fields = {}) => void lines.push({ msg, fields });
  guard = new Guard({ policy: rules, engineSocket: engine.socket, log, roundMs, giveUpMs: 300 });
  running = guard.run();
}

async function start(task?: object, roundMs?: number): Promise<void> {
  begin(task, roundMs);
  await until(() => lines.some((line) => line.msg === "listening"), "listening");
}

beforeEach(() => {
  engine = new StubEngine();
  socket = join(engine.folder, "worker.sock");
  lines = [];
});

afterEach(async () => {
  guard.stop();
  await running;
  await engine.close();
});

function send(line: string, init: RequestInit = {}): Promise<Response> {
  const [method = "", path = ""] = line.split(" ");
  return fetch(`http://guard${path}`, { ...init, method, unix: socket, keepalive: false });
}

async function create(): Promise<{ status: number; Id: string; message: string }> {
  const response = await send("POST /containers/create", { body: JSON.stringify({ Image: "fetcher" }) });
  return { status: response.status, ...((await response.json()) as { Id: string; message: string }) };
}

describe("seats", () => {
  test("of 20 creates at once, 4 get a seat", async () => {
    await start();
    const answers = await Promise.all(Array.from({ length: 20 }, create));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(4);
    const refused = answers.filter(({ status }) => status === 429).map(({ message }) => message);
    expect(refused).toEqual(Array(16).fill("docker guard: 4 containers of task fetcher exist; allowed at once: 4"));
    expect(engine.containers.size).toBe(4);
  });

  test("a removed container frees its seat", async () => {
    await start({ ...TASK, atOnce: 1 });
    const first = await create();
    expect((await create()).status).toBe(429);
    expect((await send(`DELETE /containers/${first.Id}`)).status).toBe(204);
    expect((await create()).status).toBe(201);
  });

  test("ended containers that nobody removes end the creating of more", async () => {
    await start({ ...TASK, atOnce: 1 });
    for (let round = 0; round < 2; round += 1) {
      const { Id } = await create();
      const container = engine.containers.get(Id);
      if (container !== undefined) container.State = "exited";
    }
    expect(await create()).toMatchObject({
      status: 429,
      message: "docker guard: 2 ended containers of task fetcher were not removed; allowed: 2",
    });
  });

  test("an ended container is not started again", async () => {
    await start();
    const { Id } = await create();
    const starts = await Promise.all([1, 2, 3].map(() => send(`POST /containers/${Id}/start`)));
    expect(starts.map(({ status }) => status).sort()).toEqual([204, 304, 304]);
    expect(engine.seen.filter((line) => line.endsWith("/start"))).toHaveLength(1);
    const container = engine.containers.get(Id);
    if (container !== undefined) container.State = "exited";
    expect(await refusal(await send(`POST /containers/${Id}/start`))).toEqual([
      403,
      `docker guard: container ${Id.slice(0, 12)} is exited; allowed: one start of a created container`,
    ]);
  });
});

describe("other containers", () => {
  test.each([
    [{}],
    [{ ...OWN, "bunops.platform.service": "api" }],
    [{ ...OWN, "bunops.platform.project": "other" }],
    [{ "bunops.platform.project": "atlas", "bunops.platform.service": "worker" }],
  ])("with the labels %j are as if they were not there", async (labels) => {
    // No round meanwhile: it removes a container of the project whose service is not in the policy.
    await start(TASK, 60_000);
    const { Id } = engine.add("running", labels as Record<string, string>);
    const gone = "f".repeat(64);
    for (const [method, suffix] of [
      ["POST", "/kill"],
      ["GET", "/logs"],
      ["POST", "/wait"],
      ["DELETE", ""],
    ]) {
      const answers = await Promise.all(
        [Id, gone].map((id) => send(`${method} /containers/${id}${suffix}`).then(refusal)),
      );
      const message = (id: string) =>
        `docker guard: no container "${id}" of service worker; allowed: those that it created here`;
      expect(answers).toEqual([
        [404, message(Id)],
        [404, message(gone)],
      ]);
    }
    expect(await (await send("GET /containers/json?all=1")).json()).toEqual([]);
    expect(engine.inState("running")).toHaveLength(1);
  });
});

describe("long calls", () => {
  test("a wait ends at the Engine when its client goes away", async () => {
    await start();
    const { Id } = await create();
    const client = new AbortController();
    const waiting = send(`POST /containers/${Id}/wait`, { signal: client.signal }).catch(() => "gone");
    await until(() => engine.seen.some((line) => line.endsWith("/wait")), "the wait arrives");
    client.abort();
    expect(await waiting).toBe("gone");
    await until(() => engine.aborted === 1, "the wait is ended");
    expect(engine.containers.size).toBe(1);
  });

  test("followed logs arrive at once, and end at the Engine when their client goes away", async () => {
    await start();
    const { Id } = await create();
    const client = new AbortController();
    const response = await send(`GET /containers/${Id}/logs?follow=1&stdout=1`, { signal: client.signal });
    const first = await response.body?.getReader().read();
    expect(new TextDecoder().decode(first?.value)).toBe("line\n");
    client.abort();
    await until(() => engine.aborted === 1, "the logs are ended");
  });

  test("one service has no more requests under way than its places, again and again", async () => {
    await start({ ...TASK, atOnce: 1 });
    const { Id } = await create();
    for (let round = 1; round <= 2; round += 1) {
      const client = new AbortController();
      const wait = () => send(`POST /containers/${Id}/wait`, { signal: client.signal }).catch(() => undefined);
      const waits = Array.from({ length: 72 }, wait);
      await until(() => engine.seen.filter((line) => line.endsWith("/wait")).length === 72 * round, "all waits arrive");
      expect(await refusal(await send("GET /_ping"))).toEqual([
        429,
        "docker guard: 72 requests are under way; allowed: 72",
      ]);
      client.abort();
      await Promise.all(waits);
      await until(async () => (await send("GET /_ping")).status === 200, "the places are free again");
      await until(() => engine.aborted === 72 * round, "all waits are ended");
    }
  });

  test("logs that were sent give their place back", async () => {
    await start({ ...TASK, atOnce: 1 });
    const { Id } = await create();
    const container = engine.containers.get(Id);
    if (container !== undefined) container.State = "exited";
    for (let round = 0; round < 80; round += 1) {
      expect(await (await send(`GET /containers/${Id}/logs?stdout=1`)).text()).toBe("line\n");
    }
  });

  test("a container whose client went away while it was created is removed", async () => {
    await start();
    engine.createMs = 200;
    const client = new AbortController();
    const body = JSON.stringify({ Image: "fetcher" });
    const creating = send("POST /containers/create", { body, signal: client.signal }).catch(() => "gone");
    await until(() => engine.seen.some((line) => line.startsWith("POST /containers/create")), "the create arrives");
    client.abort();
    expect(await creating).toBe("gone");
    await until(() => engine.seen.some((line) => line.startsWith("DELETE /containers/")), "it is removed");
    expect(engine.containers.size).toBe(0);
  });
});

describe("its life", () => {
  test("the socket is for its owner and group, and replaces a stale one", async () => {
    await Bun.serve({ unix: socket, fetch: () => new Response() }).stop(true);
    await start();
    expect((statSync(socket).mode & 0o777).toString(8)).toBe("660");
    expect(await silentSockets(rules)).toEqual([]);
  });

  test("a file in the socket's place is left alone", async () => {
    writeFileSync(socket, "precious");
    begin();
    expect(await running).toBe(false);
    expect(lines.at(-1)).toEqual({
      msg: "cannot listen",
      fields: { error: `Error: ${socket} exists and is not a socket` },
    });
    expect(await Bun.file(socket).text()).toBe("precious");
  });

  test("what an earlier guard left is removed before it listens; other containers stay", async () => {
    engine.add("running", OWN);
    engine.add("exited", { ...OWN, "bunops.platform.service": "gone" });
    const api = engine.add("running", { "com.docker.compose.project": "atlas" });
    const other = engine.add("running", { ...OWN, "bunops.platform.project": "other" });
    await start();
    expect([...engine.containers.keys()]).toEqual([api.Id, other.Id]);
    expect(lines.filter((line) => line.msg === "swept").map((line) => line.fields.reason)).toEqual(
      Array(2).fill("left over when the guard started"),
    );
  });

  test("a task beyond its time is removed in a round", async () => {
    await start();
    const { Id } = await create();
    await send(`POST /containers/${Id}/start`);
    const container = engine.containers.get(Id);
    if (container !== undefined) container.Created -= 40;
    await until(() => engine.containers.size === 0, "it is removed");
  });

  test("at its end it closes its socket and removes its tasks", async () => {
    await start();
    await create();
    guard.stop();
    expect(await running).toBe(true);
    expect([existsSync(socket), engine.containers.size]).toEqual([false, 0]);
    expect(await silentSockets(rules)).toEqual([socket]);
  });

  test("it gives up when the Engine is silent for too long", async () => {
    await start();
    await engine.stopListening();
    expect(await refusal(await send("GET /_ping"))).toEqual([503, "docker guard: the Docker Engine does not answer"]);
    expect(await running).toBe(false);
    expect(lines.at(-1)?.msg).toBe("the Docker Engine has not answered for 0.3 s");
  });

  test("every decision is logged, pings excepted", async () => {
    await start();
    const { Id } = await create();
    await send("GET /_ping");
    await send("GET /info");
    const decisions = lines.filter((line) => line.fields.client === "worker");
    expect(decisions).toEqual([
      {
        msg: "allowed",
        fields: {
          client: "worker",
          method: "POST",
          path: "/containers/create",
          status: 201,
          container: Id.slice(0, 12),
          task: "fetcher",
          job: undefined,
        },
      },
      {
        msg: "refused",
        fields: {
          client: "worker",
          method: "GET",
          path: "/info",
          status: 403,
          reason: expect.stringContaining('docker guard: GET "/info" is not allowed') as unknown as string,
        },
      },
    ]);
  });
});
