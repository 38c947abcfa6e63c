/**
 * The bundled fetcher with a real Chromium (CHROMIUM_PATH, or where Debian puts it), as an ordinary user: root is turned
 * into 1000:1000 by setpriv, since the browser's sandbox refuses root.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FetchResult, imageType, parseFetchResult } from "@platform/shared/fetch_result";
import { startSite } from "./site.ts";

const LIMIT_MS = 60_000;
const site = await startSite();
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fetcher-test-"));
  const built = await Bun.build({
    entrypoints: [join(import.meta.dir, "../../src/main.ts")],
    target: "bun",
    minify: true,
    outdir: folder,
  });
  expect(built.success).toBe(true);
  await chmod(folder, 0o755);
  await mkdir(join(folder, "tmp"));
  await chmod(join(folder, "tmp"), 0o1777);
}, LIMIT_MS);

afterAll(async () => {
  await site.stop();
  await rm(folder, { recursive: true });
});

interface Settings {
  readonly egress?: string;
  readonly timeoutSeconds?: number;
}

function start(url: string, { egress = "127.0.0.1", timeoutSeconds = 30 }: Settings = {}) {
  const user = process.getuid?.() === 0 ? ["setpriv", "--reuid=1000", "--regid=1000", "--clear-groups"] : [];
  return Bun.spawn([...user, process.execPath, "main.js", "--job", "j1", "--url", url], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      TMPDIR: join(folder, "tmp"),
      EGRESS: egress,
      TIMEOUT_SECONDS: String(timeoutSeconds),
      CHROMIUM_PATH: process.env.CHROMIUM_PATH,
    },
    stdout: "pipe",
    stderr: "pipe",
  });
}

async function fetchPage(url: string, settings?: Settings): Promise<{ result: FetchResult; log: string }> {
  const child = start(url, settings);
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  expect(stderr).toBe("");
  const lines = stdout.trimEnd().split("\n");
  const result = parseFetchResult(lines.pop() ?? "");
  const log = lines.join("\n");
  expect(await child.exited).toBe(result.ok ? 0 : 1);
  return { result, log };
}

async function failure(url: string, settings?: Settings) {
  const { result } = await fetchPage(url, settings);
  return result.ok ? result.title : `${result.error.code}, ${result.error.permanent ? "permanent" : "not permanent"}`;
}

test("a page gives title, text and screenshot", async () => {
  const { result, log } = await fetchPage(`${site.url}/`);
  if (!result.ok) throw new Error(log);
  expect(result).toMatchObject({ title: "Hellö", finalUrl: `${site.url}/`, status: 200 });
  expect(result.text).toBe("Works\nBuilt by a script");
  const image = Buffer.from(result.screenshot, "base64");
  expect(imageType(image)).toBe("image/webp");
  // An extended WebP holds width and height, each less one, in three bytes.
  expect([image.readUIntLE(24, 3), image.readUIntLE(27, 3)]).toEqual([1279, 799]);
  const [entry] = log.split("\n");
  expect(JSON.parse(entry ?? "")).toMatchObject({ level: "info", service: "fetcher", job: "j1", msg: "fetching" });
}, LIMIT_MS);

test("a redirect is followed, and an error page is a page", async () => {
  const { result } = await fetchPage(`${site.url}/redirect?to=/missing`);
  expect(result).toMatchObject({ ok: true, title: "Gone", status: 404, finalUrl: `${site.url}/missing` });
}, LIMIT_MS);

test("the text is cut, dialogs are dismissed, popups closed", async () => {
  const { result } = await fetchPage(`${site.url}/noisy`);
  expect(result).toMatchObject({ ok: true, title: "Noisy" });
  expect(result.ok && result.text.length).toBe(20_000);
}, LIMIT_MS);

describe("no page:", () => {
  test.each<[string, string, Settings, string]>([
    ["a download", "/download", {}, "not_a_page, permanent"],
    ["a page that never comes", "/slow", { timeoutSeconds: 4 }, "timeout, not permanent"],
    ["a page that never rests", "/busy", { timeoutSeconds: 5 }, "timeout, not permanent"],
    ["a server that hangs up", "/reset", {}, "connection, not permanent"],
    ["a redirect to a refused address", "/redirect?to=http://10.0.0.1/", {}, "refused_address, permanent"],
    ["a script that leads to one", "/leave?to=http://10.0.0.1/", {}, "refused_address, permanent"],
    ["a redirect to one over TLS", "/redirect?to=https://10.0.0.1/", {}, "refused_address, permanent"],
    ["a redirect to a file", "/redirect?to=file:///etc/passwd", {}, "not_http, permanent"],
    ["a loopback address under the public rule", "/", { egress: "public" }, "refused_address, permanent"],
    ["any address without egress", "/", { egress: "none" }, "refused_address, permanent"],
  ])("%s", async (_what, path, settings, expected) => {
    expect(await failure(`${site.url}${path}`, settings)).toBe(expected);
  }, LIMIT_MS);

  test.each([
    ["ftp://127.0.0.1/", "127.0.0.1", "not_http, permanent"],
    ["http://nowhere.invalid/", "public", "unresolvable, permanent"],
    ["http://127.0.0.1:9/", "127.0.0.1", "unsafe_port, permanent"],
    ["http://127.0.0.1:65535/", "127.0.0.1", "connection, not permanent"],
  ])("%s", async (url, egress, expected) => expect(await failure(url, { egress })).toBe(expected), LIMIT_MS);

  test("a certificate that nobody vouches for", async () => {
    expect(await failure(site.tlsUrl)).toBe("certificate, permanent");
  }, LIMIT_MS);
});

test("a page reaches nothing but what the rule allows", async () => {
  const { log } = await fetchPage(site.probeUrl);
  expect(site.reached()).toEqual([]);
  for (const host of ["169.254.169.254", "localhost", "[::1]"]) expect(log).toContain(`"host":"${host}"`);
}, LIMIT_MS);

test("the sandbox is on, and nothing stays behind", async () => {
  const child = start(`${site.url}/slow`, { timeoutSeconds: 6 });
  const renderer = await findRenderer(child.pid);
  // It shuts itself in at its start: the test's own limit ends the wait if it does not.
  let status = "";
  while (!/^Seccomp:\s+2$/m.test(status)) status = await readFile(`/proc/${renderer}/status`, "utf8");
  expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
  // More than one number: a PID namespace of its own.
  expect(/^NSpid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/).length).toBeGreaterThan(1);
  expect(await readFile(`/proc/${renderer}/cmdline`, "utf8")).not.toContain("no-sandbox");
  await child.exited;
  expect(await readdir(join(folder, "tmp"))).toEqual([]);
}, LIMIT_MS);

/** The renderer among the descendants of `ancestor`, as soon as there is one. */
async function findRenderer(ancestor: number): Promise<number> {
  for (;;) {
    for (const pid of await descendants(ancestor)) {
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      if (command.includes("--type=renderer")) return pid;
    }
    await Bun.sleep(20);
  }
}

async function descendants(ancestor: number): Promise<number[]> {
  const text = await readFile(`/proc/${ancestor}/task/${ancestor}/children`, "utf8").catch(() => "");
  const children = text.split(" ").filter(Boolean).map(Number);
  return [...children, ...(await Promise.all(children.map(descendants))).flat()];
}
