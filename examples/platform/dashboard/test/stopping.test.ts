/** The program under load while it is told to stop, as in a rolling update. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { Program } from "../../shared/test/program.ts";
import { visit } from "../../shared/test/keep_alive.ts";

const CLIENTS = 50;
// Below the second of silence that a drain waits for.
const PAUSE_MS = 600;

async function start(): Promise<{ program: Program; port: number }> {
  const probe = Bun.serve({ port: 0, fetch: () => new Response() });
  const port = probe.port ?? 0;
  await probe.stop();
  const program = new Program(join(import.meta.dir, "../src/main.ts"), { PORT: String(port), API_URL: "http://127.0.0.1:1", AUTH: "none" });
  await program.logged("listening");
  return { program, port };
}

test("no request is lost when the program stops", async () => {
  const { program, port } = await start();
  const clients = Array.from({ length: CLIENTS }, (_, number) => visit(port, number % 2 ? "/" : "/health", PAUSE_MS));
  await Bun.sleep(1_000);
  const signalled = performance.now();
  const ended = program.end("SIGTERM");
  // Who comes now is still served, and sent away with the first answer.
  await program.logged("stopping");
  const late = await visit(port, "/", 0);
  const visits = await Promise.all(clients);
  expect(await ended).toBe(0);
  expect(performance.now() - signalled).toBeLessThan(6_000);
  expect(late).toEqual({ parting: "told to leave", answers: 1 });
  expect(visits.filter(({ parting }) => parting !== "told to leave")).toEqual([]);
  expect(visits.reduce((sum, { answers }) => sum + answers, 0)).toBeGreaterThan(3 * CLIENTS);
});
