import { expect, test } from "bun:test";

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
    const background = Bun.sleep(50).then(() => { throw new Error("the token is wrong"); });
    await program.runProgram("api", async () => ({ log: log_, graceMs: 200, background, close: async () => {} }));
    log_.info("started"); setInterval(() => {}, 1000);`);
  expect((await entries(child)).map(({ msg }) => msg)).toEqual(["started", "cannot start: the token is wrong"]);
  expect(await child.exited).toBe(1);
});

test("run again in the same process, the earlier start is closed before the next one", async () => {
  const child = start(`const run = (name) => program.runProgram("api", async () => {
      const log_ = log.createLogger("api", "info");
      log_.info("start " + name);
      const drain = async () => log_.info("drain " + name);
      return { log: log_, graceMs: 5000, drain, close: async () => log_.info("close " + name) };
    });
    await run("a"); await run("b"); ${TERMINATE}`);
  const messages = (await entries(child)).map(({ msg }) => msg);
  expect(messages).toEqual(["start a", "close a", "start b", "stopping", "drain b", "close b", "stopped"]);
  expect(await child.exited).toBe(0);
});
