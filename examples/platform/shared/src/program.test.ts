import { describe, expect, test } from "bun:test";

/** Runs a small program that uses these modules, and returns what it logged and how it ended. */
function start(body: string) {
  const imports = ["log", "program", "config"].map((name) => `import * as ${name} from "./${name}.ts";`).join("\n");
  return Bun.spawn([process.execPath, "run", "-"], {
    cwd: import.meta.dir,
    stdin: new Blob([`${imports}\n${body}`]),
    stdout: "pipe",
    stderr: "inherit",
  });
}

async function entries(child: ReturnType<typeof start>): Promise<Array<Record<string, unknown>>> {
  const text = await new Response(child.stdout as ReadableStream).text();
  return text.trim().split("\n").map((line): Record<string, unknown> => JSON.parse(line));
}

test("wrong settings end the program with one clear line", async () => {
  const child = start(`await program.runProgram("api", async () => {
    config.readConfig({ PORT: "80800" }, (reader) => reader.integer("PORT", { min: 1, max: 65535 }));
  });`);
  const problem = 'PORT: found "80800", expected a whole number, 1 to 65535';
  expect(await entries(child)).toEqual([
    expect.objectContaining({ level: "fatal", service: "api", problems: [problem], msg: `wrong settings: ${problem}` }),
  ]);
  expect(await child.exited).toBe(1);
});

const TERMINATE = `setInterval(() => {}, 1000); process.kill(process.pid, "SIGTERM");`;

test("SIGTERM lets the clients go, lets the program close, and ends it with 0", async () => {
  const child = start(`const log_ = log.createLogger("api", "info");
    const drain = async () => { await Bun.sleep(50); log_.info("drained"); };
    const close = async () => { await Bun.sleep(50); log_.info("closed"); };
    await program.runProgram("api", async () => ({ log: log_, graceMs: 5000, drain, close })); ${TERMINATE}`);
  expect((await entries(child)).map(({ msg }) => msg)).toEqual(["stopping", "drained", "closed", "stopped"]);
  expect(await child.exited).toBe(0);
});

test("SIGTERM ends a program that is still starting", async () => {
  const child = start(`program.runProgram("api", () => new Promise(() => {})); ${TERMINATE}`);
  expect(await child.exited).toBe(0);
});

test("a close that hangs or fails ends the program with 1", async () => {
  for (const close of ["() => new Promise(() => {})", "async () => { throw new Error('no') }"]) {
    const child = start(`const log_ = log.createLogger("api", "info");
      await program.runProgram("api", async () => ({ log: log_, graceMs: 200, close: ${close} })); ${TERMINATE}`);
    expect(await child.exited).toBe(1);
  }
});

test("what fails behind the start ends the program with one clear line", async () => {
  const child = start(`const log_ = log.createLogger("api", "info");
    const background = () => Bun.sleep(50).then(() => { throw new Error("the token is wrong"); });
    await program.runProgram("api", async () => ({ log: log_, graceMs: 200, background, close: async () => {} }));
    log_.info("started"); setInterval(() => {}, 1000);`);
  expect((await entries(child)).map(({ msg }) => msg)).toEqual(["started", "cannot start: the token is wrong"]);
  expect(await child.exited).toBe(1);
});

/** A program that is run again in its process: `run(name, more)` is a version that logs what happens to it. */
const VERSIONS = `import { pause } from "./time.ts";
  const log_ = log.createLogger("api", "info");
  const quiet = () => pause(150);
  const run = (name, more = {}) => program.runProgram("api", async () => {
    log_.info("start " + name);
    await more.starting?.();
    const said = (what) => async () => log_.info(what + " " + name);
    return { log: log_, graceMs: 5000, background: said("run"), drain: said("drain"), close: said("close"), ...more };
  });`;

async function messages(body: string): Promise<unknown[]> {
  const child = start(`${VERSIONS}\n${body}\n${TERMINATE}`);
  const all = (await entries(child)).map(({ msg }) => msg);
  expect(await child.exited).toBe(0);
  return all;
}

describe("run again in the same process,", () => {
  test("a version starts, and goes on when the earlier one is closed", async () => {
    expect(await messages(`await run("a"); run("b"); await quiet();`)).toEqual([
      ...["start a", "run a", "start b", "close a", "run b"],
      ...["stopping", "drain b", "close b", "stopped"],
    ]);
  });

  test("a version gives way to one that has its server, and closes for any other", async () => {
    const body = `const way = (name) => ({ giveWay: async () => log_.info("way " + name) });
      const [one, two] = [{}, {}];
      await run("a", { ...way("a"), server: one }); run("b", { ...way("b"), server: one }); await quiet();
      run("c", { ...way("c"), server: two }); await quiet();`;
    expect(await messages(body)).toEqual([
      ...["start a", "run a", "start b", "way a", "run b", "start c", "close b", "run c"],
      ...["stopping", "drain c", "close c", "stopped"],
    ]);
  });

  test("of many at once only the newest starts", async () => {
    const body = `await run("a"); for (const name of "bcdef") { run(name); await pause(2); } await quiet();`;
    expect((await messages(body)).slice(0, 5)).toEqual(["start a", "run a", "start f", "close a", "run f"]);
  });

  test("what comes while a version starts or closes begins after that, once", async () => {
    const body = `await run("a", { giveWay: () => pause(60) });
      run("b", { starting: () => pause(60) }); await pause(50); run("c"); await pause(60); run("d"); await quiet(); await quiet();`;
    expect((await messages(body)).slice(0, 7)).toEqual(["start a", "run a", "start b", "run b", "start d", "close b", "run d"]);
  });

  test("a version that does not start leaves the earlier one as it is", async () => {
    const body = `await run("a"); run("b", { starting: () => Promise.reject(new Error("no")) }); await quiet();
      run("c", { starting: () => config.readConfig({}, (reader) => reader.required("A", "a word")) }); await quiet();
      run("d"); await quiet();`;
    expect((await messages(body)).slice(0, 8)).toEqual([
      ...["start a", "run a", "start b", "cannot start: no"],
      ...["start c", "wrong settings: A: found nothing, expected a word", "start d", "close a"],
    ]);
  });

  test("a version that fails later, or does not close, leaves its place to the next one", async () => {
    const body = `await run("a"); run("b", { background: () => Promise.reject(new Error("no table")) }); await quiet();
      run("c", { giveWay: () => Promise.reject(new Error("no way")) }); await quiet();
      run("d", { graceMs: 20, giveWay: () => new Promise(() => {}) }); await quiet(); run("e"); await quiet();`;
    expect((await messages(body)).slice(2, 13)).toEqual([
      ...["start b", "close a", "cannot start: no table", "start c", "close b", "run c", "start d"],
      ...["the earlier version did not close cleanly", "run d", "start e", "the earlier version did not close cleanly"],
    ]);
  });

  test("no version starts any more when the program is being stopped", async () => {
    const body = `await run("a", { close: () => pause(200) }); setTimeout(() => run("c"), 50); run("b");`;
    expect(await messages(body)).toEqual(["start a", "run a", "stopping", "drain a", "stopped"]);
  });
});
