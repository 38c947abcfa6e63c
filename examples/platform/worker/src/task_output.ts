/**
 * What a task prints, line by line: its log (JSON with a `level`) and its result (one JSON object without). Both may
 * come in one stream: Kubernetes joins stdout and stderr, and then only lines below 16 KiB are safe from each other; so
 * a task with a longer result prints its log on stdout too.
 */
import { Writable } from "node:stream";
import type { Logger, LogLevel } from "@platform/shared/log";
import { LOG_LEVELS } from "@platform/shared/log";

export const LINE_LIMIT_BYTES = 16 * 1024 * 1024;
const LOG_LINE_LIMIT = 4_000;
const LOG_LINES_LIMIT = 500;
// The forwarded line gets the worker's own.
const OWN_FIELDS: readonly string[] = ["level", "time", "service", "job", "msg"];

/** Puts lines together from pieces of any size. A line beyond the limit is dropped, and said by `overflowed`. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #limit: number;
  #pieces: Uint8Array[] = [];
  #size = 0;
  overflowed = false;

  constructor(onLine: (line: string) => void, limitBytes = LINE_LIMIT_BYTES) {
    this.#onLine = onLine;
    this.#limit = limitBytes;
  }

  push(chunk: Uint8Array): void {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      this.#keep(chunk.subarray(from, end));
      this.end();
      from = end + 1;
    }
    this.#keep(chunk.subarray(from));
  }

  /** What came since the last line break is a line too. */
  end(): void {
    const isWhole = this.#size <= this.#limit;
    const line = isWhole ? Buffer.concat(this.#pieces).toString("utf8") : "";
    this.#pieces = [];
    this.#size = 0;
    if (!isWhole) this.overflowed = true;
    else if (line.trim() !== "") this.#onLine(line);
  }

  #keep(piece: Uint8Array): void {
    this.#size += piece.length;
    if (this.#size <= this.#limit) this.#pieces.push(piece);
    else this.#pieces = [];
  }
}

/** A stream into a splitter. */
export function writable(lines: LineSplitter): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk);
      done();
    },
  });
}

/** Keeps the result and hands the log on: at most 500 lines, each cut at 4,000 characters. */
export class TaskOutput {
  readonly #log: Logger;
  #lines = 0;
  /** Empty if there is none. */
  result = "";

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Takes a line of a stream that may hold the result. */
  line(line: string): void {
    const entry = jsonObject(line);
    if (entry !== null && entry.level === undefined) this.result = line;
    else this.logLine(line, entry);
  }

  /** Takes a line of a stream that holds the log only. */
  logLine(line: string, entry = jsonObject(line)): void {
    if (this.#lines >= LOG_LINES_LIMIT) return;
    this.#lines += 1;
    const isLong = line.length > LOG_LINE_LIMIT;
    forwardLine(this.#log, line.slice(0, LOG_LINE_LIMIT), isLong ? null : entry);
  }
}

/** Writes one line of a task's log into the worker's: JSON lines with their fields, others as they are. */
function forwardLine(log: Logger, line: string, entry: Readonly<Record<string, unknown>> | null): void {
  if (entry === null) return log.warn({ line }, "task output");
  const fields = Object.fromEntries(Object.entries(entry).filter(([name]) => !OWN_FIELDS.includes(name)));
  log[levelOf(entry.level)](fields, typeof entry.msg === "string" ? entry.msg : "task log");
}

function levelOf(value: unknown): LogLevel {
  return LOG_LEVELS.find((level) => level === value) ?? "info";
}

function jsonObject(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
