/** Each program as the one file that goes into its image: small, and in need of nothing beside it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const WORKSPACE = join(import.meta.dir, "../..");
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bundles-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Bundles a program, runs it away from all node_modules and without settings; returns its size and last words. */
async function bundled(source: string): Promise<{ bytes: number; output: string }> {
  const { outputs } = await Bun.build({ entrypoints: [join(WORKSPACE, source)], target: "bun", minify: true });
  const file = join(folder, source.replaceAll("/", "-").replace(/ts$/, "js"));
  const bytes = await Bun.write(file, outputs[0] ?? "");
  const { stdout } = Bun.spawnSync([process.execPath, file], { cwd: folder, env: { TMPDIR: folder }, stderr: "inherit" });
  return { bytes, output: stdout.toString().trim() };
}

test.each([
  ["api/src/main.ts", 1_000_000, "wrong settings: REDIS_URL: found nothing"],
  ["worker/src/main.ts", 1_900_000, "wrong settings: REDIS_URL: found nothing"],
  ["worker/src/health.ts", 10_000, "there was no heartbeat yet"],
  ["fetcher/src/main.ts", 1_000_000, "arguments: expected --job ID --url URL"],
])("%s stays below %d bytes and runs alone", async (source, limit, words) => {
  const { bytes, output } = await bundled(source);
  expect(bytes).toBeLessThan(limit);
  expect(output).toContain(words);
});
