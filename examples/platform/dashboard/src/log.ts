/** One JSON object per line on standard output. */

const LEVELS = ["debug", "info", "warn", "error"] as const;
export type Level = (typeof LEVELS)[number];
type Fields = Readonly<Record<string, unknown>>;
export type Logger = Readonly<Record<Level, (message: string, fields?: Fields) => void>>;

export function createLogger(write: (line: string) => void): Logger {
  const at = (level: Level) => (message: string, fields: Fields = {}) => {
    const entry = { level, time: new Date().toISOString(), service: "dashboard", ...fields, msg: message };
    write(`${JSON.stringify(entry)}\n`);
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
