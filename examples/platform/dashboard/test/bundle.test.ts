/** The program as it is shipped: one file, alone in a directory, with nothing but its environment. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Socket } from "bun";
import { until } from "../../shared/test/program.ts";
import { claims, cookies, KEYS, makeKeys, now, ORIGIN, publishableKey, SECRET_KEY, token, unsignedToken } from "./clerk.ts";

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
  const program = start({ PORT: port, API_URL: "http://127.0.0.1:1", PLATFORM_NAME: "atlas", AUTH: "none" });
  const begun = new Set<string>();
  let text = "";
  for await (const chunk of program.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (const line of text.split("\n").slice(0, -1)) begun.add(`${JSON.parse(line).level}: ${JSON.parse(line).msg}`);
    if (begun.has("info: listening")) break;
  }
  expect(begun).toContain("warn: AUTH is none: whoever reaches the dashboard sees all jobs");

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

test("with Clerk's keys it calls nobody, whatever it is asked, and no key or token is in its log", async () => {
  let calls = 0;
  const refuse = (socket: Socket): void => {
    calls += 1;
    socket.end();
  };
  const outside = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { open: refuse, data() {} } });
  const proxy = `http://127.0.0.1:${outside.port}`;
  const away = { HTTPS_PROXY: proxy, HTTP_PROXY: proxy, NO_PROXY: "127.0.0.1" };
  const port = await freePort();
  const program = start({
    ...away,
    PORT: port,
    API_URL: "http://127.0.0.1:1",
    LOG_LEVEL: "trace",
    AUTH: "clerk",
    CLERK_PUBLISHABLE_KEY: publishableKey(),
    CLERK_SECRET_KEY: SECRET_KEY,
    CLERK_JWT_KEY: KEYS.pem,
    CLERK_AUTHORIZED_PARTIES: `${ORIGIN},http://127.0.0.1:${port}`,
  });
  const output = Promise.all([new Response(program.stdout).text(), new Response(program.stderr).text()]);
  const base = `http://127.0.0.1:${port}`;
  await until("the program", () => fetch(`${base}/health`).then(({ ok }) => ok, () => false));

  const fresh = token();
  const old = token(claims({ exp: now() - 60 }));
  const suffix = createHash("sha1").update(publishableKey()).digest("base64url").slice(0, 8);
  const sessions = [fresh, old, token(claims(), makeKeys().privateKey), token(claims(), KEYS.privateKey, { kid: "ins_2" }), unsignedToken(), "nonsense"];
  // What Clerk's library would ask its Backend API about, if it could.
  const more: Record<string, string>[] = [{}, { [`__refresh_${suffix}`]: "refreshToken1" }, { __clerk_handshake_nonce: "nonce1" }, { __clerk_handshake: old }];
  const statuses = new Set<number>();
  for (const session of [undefined, ...sessions]) {
    for (const cookie of more.map((others) => cookies(session, others))) {
      for (const [path, type] of [["/", "document"], ["/session", "iframe"], ["/jobs/1", "empty"]] as const) {
        const headers = { cookie, accept: "text/html", "sec-fetch-dest": type };
        statuses.add((await fetch(base + path, { headers, redirect: "manual" })).status);
      }
    }
  }
  expect(statuses).toEqual(new Set([200, 307, 401, 404]));
  expect(calls).toBe(0);

  program.kill("SIGTERM");
  const log = (await output).join("");
  expect(log).toContain("sent to sign-in");
  for (const secret of [SECRET_KEY, ...sessions.slice(0, 5), ...sessions.slice(0, 4).map((session) => session.split(".")[2] ?? "")]) {
    expect(log).not.toContain(secret);
  }

  // The listener sees what a program calls that does.
  const caller = Bun.spawn([process.execPath, "-e", 'await fetch("https://api.clerk.com/").catch(() => {})'], { env: away });
  await caller.exited;
  expect(calls).toBeGreaterThan(0);
  outside.stop(true);
}, 30_000);

test("says what is wrong with its settings, all at once", async () => {
  const program = start({ PORT: "80800", API_URL: "redis://redis" });
  expect(await program.exited).toBe(1);
  const line = JSON.parse(await new Response(program.stdout).text());
  expect(line.level).toBe("fatal");
  expect(line.msg).toContain("PORT: ");
  expect(line.msg).toContain("API_URL: ");
  expect(line.msg).toContain("AUTH: found nothing, expected one of none, clerk, clerk-or-test");
});

test("says that its port is taken", async () => {
  const other = Bun.serve({ port: 0, fetch: () => new Response() });
  const program = start({ PORT: String(other.port), API_URL: "http://127.0.0.1:1", AUTH: "none" });
  expect(await program.exited).toBe(1);
  const lines = (await new Response(program.stdout).text()).trim().split("\n");
  expect(JSON.parse(lines.at(-1) ?? "").msg).toContain(String(other.port));
  await other.stop(true);
});
