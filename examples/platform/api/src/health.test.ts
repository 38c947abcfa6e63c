import { expect, test } from "bun:test";
import { createHealthCheck, isHealthy } from "./health.ts";

test("healthy is only what answers everywhere", () => {
  expect(isHealthy({ redis: "ok", turso: "ok" })).toBe(true);
  expect(isHealthy({ redis: "refused", turso: "ok" })).toBe(false);
});

test("a store that does not answer is named with its reason", async () => {
  const check = createHealthCheck({ redis: async () => "PONG", turso: () => Promise.reject(new Error("refused")) });
  expect(await check()).toEqual({ redis: "ok", turso: "refused" });
});

test("many calls ask once in two seconds", async () => {
  let now = 0;
  let asked = 0;
  const check = createHealthCheck({ redis: async () => (asked += 1) }, () => now);
  await Promise.all([check(), check(), check()]);
  now = 1_999;
  await check();
  expect(asked).toBe(1);
  now = 2_000;
  await check();
  expect(asked).toBe(2);
});
