/** The program as it is shipped: one file, alone in a directory, with nothing but its environment. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "dashboard-"));
  const main = join(import.meta.dir, "../src/main.ts");
  const build = Bun.spawnSync(
    [process.execPath, "build", main, "--target=bun", "--minify", "--outfile", join(directory, "main.js")],
    { cwd: join(import.meta.dir, "..") },
  );
  expect(build.stderr.toString()).toBe("");
});
afterAll(() => rm(directory, { recursive: true }));

const start = (env: Record<string, string>) =>
  Bun.spawn([process.execPath, "main.js"], { cwd: directory, env, stdout: "pipe", stderr: "pipe" });

/** A port that was free a moment ago. */
async function freePort(): Promise<string> {
  const server = Bun.serve({ port: 0, fetch: () => new Response() });
  const port = String(server.port);
  await server.stop(true);
  return port;
}

test("is one file, which serves its page and ends cleanly on SIGTERM, also with open streams", async () => {
  expect(await readdir(directory)).toEqual(["main.js"]);
  const port = await freePort();
  const program = start({ PORT: port, API_URL: "http://127.0.0.1:1", PLATFORM_NAME: "atlas" });
  const output = program.stdout.pipeThrough(new TextDecoderStream()).getReader();
  expect(JSON.parse((await output.read()).value ?? "")).toMatchObject({ level: "info", service: "dashboard", msg: "listening" });

  const page = await (await fetch(`http://127.0.0.1:${port}/`)).text();
  const script = page.match(/\/assets\/main\.\w+\.js/)?.[0] ?? "";
  expect((await fetch(`http://127.0.0.1:${port}${script}`)).status).toBe(200);
  const stream = await fetch(`http://127.0.0.1:${port}/events`);
  const rest = stream.text();

  const signalled = performance.now();
  program.kill("SIGTERM");
  expect(await program.exited).toBe(0);
  expect(performance.now() - signalled).toBeLessThan(2_000);
  expect(await rest).toStartWith("event: hello\n");
});

test("says what is wrong with its settings, all at once", async () => {
  const program = start({ PORT: "80800", API_URL: "redis://redis" });
  expect(await program.exited).toBe(1);
  const line = JSON.parse(await new Response(program.stdout).text());
  expect(line.level).toBe("fatal");
  expect(line.msg).toContain("PORT: ");
  expect(line.msg).toContain("API_URL: ");
});

test("says that its port is taken", async () => {
  const other = Bun.serve({ port: 0, fetch: () => new Response() });
  const program = start({ PORT: String(other.port), API_URL: "http://127.0.0.1:1" });
  expect(await program.exited).toBe(1);
  expect(JSON.parse(await new Response(program.stdout).text()).msg).toContain(String(other.port));
  await other.stop(true);
});
