/** The dashboard under `bun --hot`: every file of it is served anew when it was edited. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Program, until } from "../../shared/test/program.ts";
import { copyPackages, edit } from "../../shared/test/workspace.ts";

const LIMIT_MS = 40_000;

let workspace = "";
let base = "";
let program: Program;

const source = (name: string) => join(workspace, "dashboard/src", name);
const get = async (path: string) => (await fetch(base + path)).text();

/** The page, or the file of this kind that it names now. */
async function served(kind: "page" | "css" | "js" | "svg"): Promise<string> {
  const page = await get("/");
  return kind === "page" ? page : get(page.match(new RegExp(`/assets/\\w+\\.\\w+\\.${kind}`))?.[0] ?? "/missing");
}

beforeAll(async () => {
  workspace = await copyPackages("dashboard", "shared");
  const probe = Bun.serve({ port: 0, fetch: () => new Response() });
  const port = String(probe.port);
  await probe.stop(true);
  base = `http://127.0.0.1:${port}`;
  program = new Program(source("main.ts"), { PORT: port, API_URL: "http://127.0.0.1:1", AUTH: "none", TMPDIR: workspace }, workspace);
  await program.logged("listening");
}, LIMIT_MS);

afterAll(async () => {
  expect(await program.end("SIGTERM")).toBe(0);
  await rm(workspace, { recursive: true });
}, LIMIT_MS);

test.each([
  ["page", "client/page.html", "Latest jobs", "Newest jobs"],
  ["css", "client/style.css", "\n:root {", "\n:root { --edited: 1;"],
  ["css", "client/detail.css", "\n.detail-side {", "\n.detail-side { --edited: 2;"],
  ["js", "client/stream.ts", '"/events"', '"/events?edited"'],
  ["svg", "client/icon.svg", "<svg ", '<svg data-edited="" '],
] as const)("an edit of the %s in %s", async (kind, file, from, to) => {
  const before = await served(kind);
  await edit(source(file), from, to);
  await until("the edit", async () => (await served(kind)) !== before);
}, LIMIT_MS);

test("an edit of the server; an open page is told that it has become old", async () => {
  const stream = await fetch(`${base}/events`);
  const build = (await get("/")).match(/data-build="(\w+)"/)?.[1] ?? "";
  await edit(source("server.ts"), '{ status: "ok" }', '{ status: "edited" }');
  await until("the edit", async () => (await get("/health")).includes("edited"));
  // The stream ends, and the page asks for the next one.
  expect(await stream.text()).toContain(build);
  await edit(source("client/page.html"), "No jobs yet", "No jobs so far");
  const again = await until("another build", async () => {
    const { body } = await fetch(`${base}/events`);
    for await (const chunk of body ?? []) return Buffer.from(chunk).toString().includes(build) ? null : "another";
    return null;
  });
  expect(again).toBe("another");
}, LIMIT_MS);
