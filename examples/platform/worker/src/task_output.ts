/** What a task prints: its result on stdout, its log on stderr. */
import { Writable } from "node:stream";
import type { Logger, LogLevel } from "@platform/shared/log";
import { LOG_LEVELS } from "@platform/shared/log";

const LINE_LIMIT = 4_000;
const LINES_LIMIT = 500;
// The forwarded line gets the worker's own.
const OWN_FIELDS: readonly string[] = ["level", "time", "service", "job", "msg"];

/** Keeps the text up to a limit of bytes; what is beyond it is dropped, and said by `overflowed`. */
export class TextSink extends Writable {
  readonly #chunks: Buffer[] = [];
  readonly #limit: number;
  #size = 0;
  overflowed = false;

  constructor(limitBytes: number) {
    super();
    this.#limit = limitBytes;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const room = this.#limit - this.#size;
    if (chunk.length > room) this.overflowed = true;
    const kept = chunk.subarray(0, room);
    this.#size += kept.length;
    this.#chunks.push(kept);
    done();
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}

/** Hands whole lines on, as they come: at most 500, each cut at 4,000 characters. */
export class LineSink extends Writable {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #rest = "";
  #lines = 0;

  constructor(onLine: (line: string) => void) {
    super();
    this.#onLine = onLine;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split("\n");
    this.#rest = (lines.pop() ?? "").slice(0, LINE_LIMIT);
    for (const line of lines) this.#emitLine(line);
    done();
  }

  override _final(done: () => void): void {
    this.#emitLine(this.#rest);
    done();
  }

  #emitLine(line: string): void {
    if (line.trim() === "" || this.#lines >= LINES_LIMIT) return;
    this.#lines += 1;
    this.#onLine(line.slice(0, LINE_LIMIT));
  }
}

/** Writes one line of a task's log into the worker's: JSON lines with their fields, others as they are. */
export function forwardLine(log: Logger, line: string): void {
  const entry = jsonObject(line);
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
