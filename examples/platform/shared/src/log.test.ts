import { expect, test } from "bun:test";
import { createLogger, type LogLevel } from "./log.ts";

function logged(level: LogLevel, write: (log: ReturnType<typeof createLogger>) => void): unknown[] {
  const lines: string[] = [];
  write(createLogger("api", level, { write: (line) => void lines.push(line) }));
  return lines.map((line): unknown => JSON.parse(line));
}

test("a line has level, time, service, job and message", () => {
  const [entry] = logged("info", (log) => log.child({ job: "j1" }).info({ attempt: 2 }, "job started"));
  expect(entry).toEqual({
    level: "info",
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    service: "api",
    job: "j1",
    attempt: 2,
    msg: "job started",
  });
});

test("what is below the level is not written", () => {
  expect(logged("warn", (log) => log.info("quiet"))).toEqual([]);
});

test("an error keeps its message and stack", () => {
  const [entry] = logged("info", (log) => log.error({ err: new Error("broken") }, "request failed"));
  expect(entry).toMatchObject({ err: { type: "Error", message: "broken", stack: expect.stringContaining("broken") } });
});
