import { describe, expect, test } from "bun:test";
import { createLogger } from "@platform/shared/log";
import { LineSplitter, TaskOutput, writable } from "./task_output.ts";

function lines(chunks: readonly Uint8Array[], limitBytes?: number) {
  const seen: string[] = [];
  const splitter = new LineSplitter((line) => seen.push(line), limitBytes);
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return { seen, overflowed: splitter.overflowed };
}

describe("lines", () => {
  test("come whole, however they were cut", () => {
    const bytes = Buffer.from("first\nsécond\n\nlast");
    const seen = ["first", "sécond", "last"];
    expect(lines(Array.from(bytes, (byte) => Buffer.from([byte]))).seen).toEqual(seen);
    expect(lines([bytes])).toEqual({ seen, overflowed: false });
  });

  test("beyond the limit are dropped, and that is said", () => {
    const bytes = Buffer.from("12345\n123456\n1234");
    const expected = { seen: ["12345", "1234"], overflowed: true };
    expect(lines([bytes], 5)).toEqual(expected);
    expect(lines(Array.from(bytes, (byte) => Buffer.from([byte])), 5)).toEqual(expected);
  });

  test("come out of a stream at once", () => {
    const seen: string[] = [];
    const stream = writable(new LineSplitter((line) => seen.push(line)));
    stream.write("one\ntw");
    stream.write("o\n");
    expect(seen).toEqual(["one", "two"]);
  });
});

/** The result and the log entries of an output. */
function output(write: (output: TaskOutput) => void) {
  const entries: Record<string, unknown>[] = [];
  const log = createLogger("worker", "trace", { write: (line) => void entries.push(JSON.parse(line)) });
  const taken = new TaskOutput(log.child({ job: "j1" }));
  write(taken);
  return { result: taken.result, entries: entries.map(({ time: _, ...entry }) => entry) };
}

test("the result is the JSON object without a level, wherever it stands", () => {
  const result = '{"ok":true,"title":"{\\"level\\":\\"info\\"}"}';
  const { entries, ...taken } = output((taken) => {
    for (const line of ['{"level":"info","msg":"a"}', result, "Killed", '{"level":"warn","msg":"b"}']) taken.line(line);
  });
  expect(taken.result).toBe(result);
  expect(entries.map(({ msg }) => msg)).toEqual(["a", "task output", "b"]);
});

test("a stream of log lines holds no result", () => {
  const { result, entries } = output((taken) => taken.logLine('{"ok":true}'));
  expect(result).toBe("");
  expect(entries).toEqual([{ level: "info", service: "worker", job: "j1", ok: true, msg: "task log" }]);
});

describe("a forwarded line", () => {
  test("keeps its level, fields and message, and is the worker's", () => {
    const line = '{"level":"warn","time":"1970","service":"fetcher","job":"forged","host":"a","msg":"no connection"}';
    expect(output((taken) => taken.line(line)).entries).toEqual([
      { level: "warn", service: "worker", job: "j1", host: "a", msg: "no connection" },
    ]);
  });

  test.each([
    ['{"level":"boom"}', { level: "info", service: "worker", job: "j1", msg: "task log" }],
    ["Segmentation fault", { level: "warn", service: "worker", job: "j1", line: "Segmentation fault", msg: "task output" }],
    ["[1]", { level: "warn", service: "worker", job: "j1", line: "[1]", msg: "task output" }],
  ])("%p", (line, entry) => expect(output((taken) => taken.line(line)).entries).toEqual([entry]));

  test("is limited in length and number", () => {
    const long = `{"level":"info","text":"${"x".repeat(9_000)}"}`;
    expect(output((taken) => taken.line(long)).entries).toMatchObject([{ line: long.slice(0, 4_000), msg: "task output" }]);
    const many = output((taken) => {
      for (let count = 0; count < 600; count += 1) taken.line("x");
    });
    expect(many.entries).toHaveLength(500);
  });
});
