import { describe, expect, test } from "bun:test";
import { createLogger } from "@platform/shared/log";
import { forwardLine, LineSink, TextSink } from "./task_output.ts";

function lines(...chunks: Buffer[]): string[] {
  const seen: string[] = [];
  const sink = new LineSink((line) => seen.push(line));
  for (const chunk of chunks) sink.write(chunk);
  sink.end();
  return seen;
}

describe("lines", () => {
  test("come whole, however they were cut", () => {
    const bytes = Buffer.from("first\nsécond\n\nlast");
    expect(lines(...Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual(["first", "sécond", "last"]);
    expect(lines(bytes)).toEqual(["first", "sécond", "last"]);
  });

  test("are limited in length and number", () => {
    expect(lines(Buffer.from("x".repeat(9_000)))[0]).toHaveLength(4_000);
    expect(lines(Buffer.from("x\n".repeat(9_000)))).toHaveLength(500);
  });
});

test("text beyond the limit is dropped, and that is said", () => {
  const sink = new TextSink(5);
  sink.write("abc");
  expect([sink.text, sink.overflowed]).toEqual(["abc", false]);
  sink.write("def");
  sink.write("ghi");
  expect([sink.text, sink.overflowed]).toEqual(["abcde", true]);
});

describe("a forwarded line", () => {
  const forward = (line: string): unknown => {
    let written = "";
    const log = createLogger("worker", "trace", { write: (text) => void (written = text) }).child({ job: "j1" });
    forwardLine(log, line);
    const { time: _, ...entry } = JSON.parse(written);
    return entry;
  };

  test("keeps its level, fields and message, and is the worker's", () => {
    const line = '{"level":"warn","time":"1970","service":"fetcher","job":"forged","host":"a","msg":"no connection"}';
    expect(forward(line)).toEqual({ level: "warn", service: "worker", job: "j1", host: "a", msg: "no connection" });
  });

  test.each([
    ['{"level":"boom"}', { level: "info", service: "worker", job: "j1", msg: "task log" }],
    ["Segmentation fault", { level: "warn", service: "worker", job: "j1", line: "Segmentation fault", msg: "task output" }],
    ["[1]", { level: "warn", service: "worker", job: "j1", line: "[1]", msg: "task output" }],
  ])("%p", (line, entry) => expect(forward(line)).toEqual(entry));
});
