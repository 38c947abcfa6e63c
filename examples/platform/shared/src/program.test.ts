import { expect, test } from "bun:test";

/** Runs a small program that uses these modules, and returns what it logged and how it ended. */
function start(body: string) {
  const imports = ["log", "program", "shutdown", "config"].map((name) => `import * as ${name} from "./${name}.ts";`).join("\n");
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

test("SIGTERM lets the program close and end with 0", async () => {
  const child = start(`const log_ = log.createLogger("api", "info");
    shutdown.onShutdown(log_, 5000, async () => { await Bun.sleep(50); log_.info("closed"); });
    setInterval(() => {}, 1000); process.kill(process.pid, "SIGTERM");`);
  expect((await entries(child)).map(({ msg }) => msg)).toEqual(["stopping", "closed", "stopped"]);
  expect(await child.exited).toBe(0);
});

test("a close that hangs or fails ends the program with 1", async () => {
  for (const close of ["() => new Promise(() => {})", "async () => { throw new Error('no') }"]) {
    const child = start(`shutdown.onShutdown(log.createLogger("api", "info"), 200, ${close});
      setInterval(() => {}, 1000); process.kill(process.pid, "SIGTERM");`);
    expect(await child.exited).toBe(1);
  }
});

test("run again in the same process, the earlier start is closed before the next one", async () => {
  const child = start(`const run = (name) => program.runProgram("api", async () => {
      const log_ = log.createLogger("api", "info");
      log_.info("start " + name);
      return { log: log_, graceMs: 5000, close: async () => log_.info("close " + name) };
    });
    await run("a"); await run("b");
    setInterval(() => {}, 1000); process.kill(process.pid, "SIGTERM");`);
  const messages = (await entries(child)).map(({ msg }) => msg);
  expect(messages).toEqual(["start a", "close a", "start b", "stopping", "close b", "stopped"]);
  expect(await child.exited).toBe(0);
});
