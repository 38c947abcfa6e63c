/** A small program with a server under `bun --hot`, and what an editor, git or tar may do to its files. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rename, rm, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Program, until } from "./program.ts";

const SOURCES = join(import.meta.dir, "../src");
const PARTS = 200;
const LIMIT_MS = 40_000;

const main = (version: string, atStart = "") => `
  import { createLogger } from "${SOURCES}/log.ts";
  import { runProgram } from "${SOURCES}/program.ts";
  import dependency, { text } from "dependency";
  import { sum } from "./parts.ts";
  const log = createLogger("api", "info");
  const version = "${version}";
  log.info({ version }, "read");
  const answer = async () => {
    // Timers go on, whatever is wrong.
    await Bun.sleep(1);
    return new Response(text(version) + dependency + sum);
  };
  await runProgram("api", async () => {
    ${atStart}
    const server = Bun.serve({ port: Number(process.env.PORT), hostname: "127.0.0.1", fetch: answer });
    log.info({ version }, "started");
    return { log, graceMs: 5_000, server, close: () => server.stop(), giveWay: async () => {} };
  });`;
const DEPENDENCY = `
  console.log(JSON.stringify({ msg: "dependency loaded" }));
  export const text = String;
  export default " ";`;
const part = (value: number) => `export const value = ${value};`;

let folder = "";
let port = 0;
let program: Program;

const file = (name: string) => join(folder, "app", name);
const served = async () => (await fetch(`http://127.0.0.1:${port}`)).text();
const serves = (text: string) => until(text, async () => (await served()) === text);
const count = (message: string) => program.log.filter(({ msg }) => msg === message).length;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hot-"));
  const numbers = Array.from({ length: PARTS }, (_, number) => number);
  const imports = numbers.map((number) => `import { value as v${number} } from "./part${number}.ts";`);
  const parts = `${imports.join("\n")}\nexport const sum = ${numbers.map((number) => `v${number}`).join("+")};`;
  await Promise.all(numbers.map((number) => Bun.write(file(`part${number}.ts`), part(1))));
  await Promise.all([
    Bun.write(file("parts.ts"), parts),
    Bun.write(file("main.ts"), main("one")),
    Bun.write(join(folder, "node_modules/dependency/index.js"), DEPENDENCY),
  ]);
  const probe = Bun.serve({ port: 0, fetch: () => new Response() });
  port = probe.port ?? 0;
  await probe.stop(true);
  program = new Program(file("main.ts"), { PORT: String(port), TMPDIR: folder }, folder);
  await program.logged("started");
});

afterEach(async () => {
  await program.end("SIGKILL");
  await rm(folder, { recursive: true });
});

test("an edit is served, however the file is written", async () => {
  expect(await served()).toBe("one 200");
  await Bun.write(file("main.ts"), main("written"));
  await serves("written 200");
  await Bun.write(file("main.ts.new"), main("renamed"));
  await rename(file("main.ts.new"), file("main.ts"));
  await serves("renamed 200");
  await unlink(file("part7.ts"));
  await Bun.write(file("part7.ts"), part(2));
  await serves("renamed 201");
}, LIMIT_MS);

test("a file that comes after it was imported is served", async () => {
  await Bun.write(file("main.ts"), main("two").replace("./parts.ts", "./more/parts.ts"));
  await Bun.sleep(200);
  expect(await served()).toBe("one 200");
  await Bun.write(file("more/parts.ts"), "export const sum = 7;");
  await serves("two 7");
  await rm(file("more"), { recursive: true });
  await Bun.sleep(200);
  await Bun.write(file("more/parts.ts"), "export const sum = 8;");
  await serves("two 8");
}, LIMIT_MS);

test("a dependency is loaded once", async () => {
  for (const version of ["two", "three"]) {
    await Bun.write(file("main.ts"), main(version));
    await serves(`${version} 200`);
  }
  expect(count("dependency loaded")).toBe(1);
}, LIMIT_MS);

// Bun may be held up on a busy machine, in the middle of the files.
test("many files that change together are one reload", async () => {
  for (let number = 0; number < PARTS; number += 1) {
    await Bun.write(file(`part${number}.ts`), part(2));
    if (number % 2 === 0) await Bun.sleep(1);
  }
  await serves("one 400");
  await Bun.sleep(200);
  expect(count("read")).toBeGreaterThan(2);
  expect(count("started")).toBe(2);
}, { timeout: LIMIT_MS, retry: 3 });

test("what is wrong leaves the earlier version running, and is mended by the next edit", async () => {
  await Bun.write(file("main.ts"), main("broken") + "{");
  await Bun.sleep(200);
  expect(await served()).toBe("one 200");
  await Bun.write(file("main.ts"), main("two"));
  await serves("two 200");
  await Bun.write(file("main.ts"), main("failing", "throw new Error('no');"));
  expect(await program.logged("cannot start: no")).toMatchObject({ level: "error", service: "api" });
  expect(await served()).toBe("two 200");
  await Bun.write(file("main.ts"), main("three"));
  await serves("three 200");
  expect(await program.end("SIGTERM")).toBe(0);
}, LIMIT_MS);

test("no request is lost on the way to a newer version", async () => {
  let asking = true;
  const ask = async () => {
    const seen = new Set<string>();
    while (asking) seen.add(await served());
    return seen;
  };
  const clients = Array.from({ length: 8 }, ask);
  for (const version of ["two", "three", "four"]) {
    await Bun.write(file("main.ts"), main(version));
    await serves(`${version} 200`);
  }
  asking = false;
  const seen = new Set((await Promise.all(clients)).flatMap((texts) => [...texts]));
  expect([...seen].toSorted()).toEqual(["four 200", "one 200", "three 200", "two 200"]);
}, LIMIT_MS);

test("SIGTERM ends it cleanly while a newer version is waiting", async () => {
  await Bun.write(file("main.ts"), main("two"));
  await until("the newer version", () => count("read") > 1);
  expect(await program.end("SIGTERM")).toBe(0);
  const messages = program.log.map(({ msg }) => msg);
  expect(messages.at(-1)).toBe("stopped");
  expect(messages.slice(messages.indexOf("stopping"))).not.toContain("started");
}, LIMIT_MS);
