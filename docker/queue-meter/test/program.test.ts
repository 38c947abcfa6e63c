/** The program as a whole, without a Redis that answers. */
import { afterEach, describe, expect, test } from "bun:test";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { until } from "./fixtures.ts";

const MAIN = join(import.meta.dir, "../src/main.ts");
const QUEUES = JSON.stringify([
  { store: "redis", name: "fetch", type: "bullmq" },
  { store: "redis", name: "todo:mail/now", type: "list" },
]);

class Program {
  readonly port: number;
  readonly #process: Bun.Subprocess<"ignore", "pipe", "inherit">;
  #output = "";

  constructor(redisPort: number, more: Readonly<Record<string, string>> = {}) {
    const probe = Bun.serve({ port: 0, fetch: () => new Response() });
    this.port = probe.port ?? 0;
    void probe.stop(true);
    const env = { PORT: String(this.port), QUEUES, REDIS_URL: `redis://127.0.0.1:${redisPort}`, ...more };
    this.#process = Bun.spawn(["bun", MAIN], { env: { PATH: process.env.PATH ?? "", ...env }, stdout: "pipe" });
    void this.#read();
  }

  async #read(): Promise<void> {
    for await (const part of this.#process.stdout) this.#output += new TextDecoder().decode(part);
  }

  get lines(): { msg: string; reason?: string; problems?: string[] }[] {
    return this.#output.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
  }

  listening = () => until(() => this.lines.some(({ msg }) => msg === "listening"), "listening");

  get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${this.port}${path}`, init);

  end(): Promise<number> {
    this.#process.kill("SIGTERM");
    return this.#process.exited;
  }

  get exited(): Promise<number> {
    return this.#process.exited;
  }
}

let program: Program | undefined;
let redis: Server | undefined;
const sockets = new Set<Socket>();

afterEach(async () => {
  await program?.end();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  redis?.close();
  program = redis = undefined;
});

/** A server that takes connections and says what `answer` gives, and nothing without it. */
async function listen(answer?: string): Promise<number> {
  redis = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    socket.on("data", () => answer !== undefined && socket.write(answer));
  });
  await new Promise<void>((resolve) => redis?.listen(0, "127.0.0.1", resolve));
  return (redis.address() as AddressInfo).port;
}

async function start(redisPort: number, more?: Readonly<Record<string, string>>): Promise<Program> {
  program = new Program(redisPort, more);
  await program.listening();
  return program;
}

async function message(response: Response): Promise<[number, string]> {
  return [response.status, ((await response.json()) as { message: string }).message];
}

describe("Redis is away", () => {
  test("and the program serves, says so, and is healthy", async () => {
    const started = await start(1);
    const { get, port } = started;
    expect((await get("/health")).status).toBe(200);
    const reason = "queue meter: cannot measure redis/fetch: connect ECONNREFUSED 127.0.0.1:1";
    expect(await message(await get("/queues/redis/fetch"))).toEqual([503, reason]);
    expect(await (await get("/metrics")).text()).toContain('queue_meter_up{store="redis",queue="fetch"} 0\n');
    const env = { PATH: process.env.PATH ?? "", PORT: String(port) };
    const checked = Bun.spawnSync(["bun", MAIN, "health"], { env });
    expect(checked.exitCode).toBe(0);
    // Told once by each queue and the store, though the metrics asked again.
    expect(started.lines.filter(({ reason }) => reason?.includes("ECONNREFUSED"))).toHaveLength(3);
  });

  test("or silent, which is told within a second", async () => {
    const { get } = await start(await listen());
    const begin = performance.now();
    const reason = "queue meter: cannot measure redis/fetch: no answer within 1 s";
    const answers = await Promise.all(Array.from({ length: 20 }, () => get("/queues/redis/fetch").then(message)));
    expect(answers).toEqual(Array(20).fill([503, reason]));
    expect(performance.now() - begin).toBeLessThan(1_900);
    expect(sockets.size).toBe(1);
  });

  test("or refuses the password, which nobody gets to see", async () => {
    const file = `${process.env.TMPDIR ?? "/tmp"}/queue-meter-${process.pid}-password`;
    await Bun.write(file, "s3cret-of-tests");
    try {
      const refusing = await listen("-WRONGPASS invalid username-password pair\r\n");
      const started = await start(refusing, { REDIS_PASSWORD_FILE: file });
      const reason = "queue meter: cannot measure redis/fetch: WRONGPASS invalid username-password pair";
      expect(await message(await started.get("/queues/redis/fetch"))).toEqual([503, reason]);
      expect(JSON.stringify(started.lines)).not.toContain("s3cret-of-tests");
    } finally {
      await Bun.file(file).delete();
    }
  });
});

describe("requests", () => {
  test("for what is not there", async () => {
    const { get } = await start(1);
    expect(await message(await get("/queues/redis/fetsch"))).toEqual([
      404,
      "queue meter: found the queue redis/fetsch, expected one of redis/fetch, redis/todo:mail/now",
    ]);
    const known = "queue meter: known are /queues/<store>/<name>, /metrics and /health";
    expect(await message(await get("/queues/redis"))).toEqual([404, known]);
    expect(await message(await get("/"))).toEqual([404, known]);
    expect((await get("/queues/%FF/%FF")).status).toBe(404);
    expect((await get("/queues/redis/fetch", { method: "POST" })).status).toBe(405);
  });

  test("may write a name as it is or encoded", async () => {
    const { get } = await start(1);
    expect((await get("/queues/redis/todo:mail/now")).status).toBe(503);
    expect((await get("/queues/redis/todo%3Amail%2Fnow")).status).toBe(503);
  });
});

describe("the end", () => {
  test("by SIGTERM comes at once, whoever is connected", async () => {
    const started = await start(await listen());
    await started.get("/health");
    const asked = started.get("/queues/redis/fetch").then(message);
    await until(() => sockets.size === 1, "a measuring");
    const begin = performance.now();
    expect(await started.end()).toBe(0);
    expect(performance.now() - begin).toBeLessThan(1_900);
    expect((await asked)[0]).toBe(503);
    expect(started.lines.map(({ msg }) => msg)).toContain("stopped");
  });

  test("is a line with all problems if the settings are wrong", async () => {
    program = new Program(1, { PORT: "no", REDIS_URL: "" });
    expect(await program.exited).toBe(2);
    expect(program.lines.map(({ problems }) => problems?.length)).toEqual([2]);
  });
});
