import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@platform/shared/log";
import { ailment, Heartbeat, STALE_MS } from "./heartbeat.ts";

const log = createLogger("test", "fatal");
const fine = async () => {};
let folder = "";
let file = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "heartbeat-"));
  file = join(folder, "beat");
});
afterEach(() => rm(folder, { recursive: true }));

test("a worker whose stores answer lives", async () => {
  expect(await ailment(file)).toBe("there was no heartbeat yet");
  expect(await new Heartbeat(file, { redis: fine, docker: fine }, log).beat()).toBe(true);
  expect(await ailment(file)).toBeNull();
});

test("one store that does not answer stops the heart", async () => {
  const hanging = () => new Promise<void>((_, reject) => setTimeout(reject, 20, new Error("refused")));
  expect(await new Heartbeat(file, { redis: fine, docker: hanging }, log).beat()).toBe(false);
  expect(await ailment(file)).toBe("there was no heartbeat yet");
});

test("an old beat is none", async () => {
  await new Heartbeat(file, {}, log).beat();
  await utimes(file, 1_000, 1_000);
  expect(await ailment(file, 1_000_000 + STALE_MS)).toBeNull();
  expect(await ailment(file, 1_000_001 + STALE_MS)).toBe("the last heartbeat is 15001 ms old, at most 15000 are healthy");
});

test("it beats until it is stopped", async () => {
  const stop = new AbortController();
  const running = new Heartbeat(file, { redis: fine }, log).run(stop.signal);
  stop.abort();
  await running;
  expect(await ailment(file)).toBeNull();
});
