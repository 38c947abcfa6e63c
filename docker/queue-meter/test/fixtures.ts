import type { Ask, Command } from "../src/commands.ts";
import type { Fields, Level } from "../src/log.ts";

/** A Redis that answers commands from a table, one text of a command each; every pipeline is kept. */
export class ScriptedRedis {
  readonly pipelines: (readonly Command[])[] = [];

  constructor(private readonly answers: Readonly<Record<string, unknown>>) {}

  readonly ask: Ask = async (commands) => {
    this.pipelines.push(commands);
    return commands.map((command) => {
      const text = command.join(" ");
      if (!(text in this.answers)) throw new Error(`no answer to ${text}`);
      return this.answers[text];
    });
  };
}

export interface Line {
  readonly level: Level;
  readonly msg: string;
  readonly fields: Fields;
}

/** A log that keeps its lines. */
export function keptLog() {
  const lines: Line[] = [];
  const log = (level: Level, msg: string, fields: Fields = {}) => void lines.push({ level, msg, fields });
  return { lines, log };
}

/** Waits for a condition, 4 s at most. */
export async function until(done: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let round = 0; round < 400; round += 1) {
    if (await done()) return;
    await Bun.sleep(10);
  }
  throw new Error(`not within 4 s: ${what}`);
}
