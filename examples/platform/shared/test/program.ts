/** One of the platform's programs as a process of its own, with its log. */
import type { Subprocess } from "bun";

type Entry = Readonly<Record<string, unknown>>;

export class Program {
  readonly log: Entry[] = [];
  readonly #child: Subprocess<"ignore", "pipe", "ignore" | "inherit">;
  readonly #reading: Promise<void>;

  /**
   * @param env in addition to PATH
   * @param hotIn by `bun --hot`, in this folder, with the sources somewhere in it: of files elsewhere Bun sees less.
   * Its messages about broken modules are dropped
   */
  constructor(file: string, env: Readonly<Record<string, string>>, hotIn?: string) {
    this.#child = Bun.spawn([process.execPath, ...(hotIn === undefined ? [] : ["--hot"]), file], {
      ...(hotIn === undefined ? {} : { cwd: hotIn }),
      env: { PATH: process.env.PATH, ...env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: hotIn === undefined ? "inherit" : "ignore",
    });
    this.#reading = this.#read();
  }

  /** Resolves with the first log entry of this message. @throws Error if the program ends before, or after 20 s */
  async logged(message: string): Promise<Entry> {
    return until(`${message} in the log`, () => {
      const found = this.log.find(({ msg }) => msg === message);
      if (found === undefined && this.#child.exitCode !== null) {
        throw new Error(`the program ended with ${this.#child.exitCode}: ${JSON.stringify(this.log.at(-1))}`);
      }
      return found;
    });
  }

  /** Sends a signal and resolves with the exit code; null if the signal ended it. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null> {
    this.#child.kill(signal);
    await this.#child.exited;
    await this.#reading;
    return this.#child.signalCode === null ? this.#child.exitCode : null;
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const chunk of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.log.push(JSON.parse(line) as Entry);
    }
  }
}

/** Looks again and again until there is something. @throws Error after `limitMs` */
export async function until<T>(what: string, look: () => T | Promise<T>, limitMs = 20_000): Promise<NonNullable<T>> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms in vain for ${what}`);
    await Bun.sleep(25);
  }
}
