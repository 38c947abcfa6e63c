/** JSON log lines on stdout, in the form that all programs of the platform use. */

export type Level = "info" | "warn" | "error";

export type Fields = Record<string, string | number | boolean | readonly string[] | undefined>;

export type Log = (level: Level, msg: string, fields?: Fields) => void;

/** One log line without its end. JSON escapes control characters, so no text can forge a second line. */
export function logLine(time: Date, level: Level, msg: string, fields: Fields = {}): string {
  return JSON.stringify({ level, time: time.toISOString(), service: "queue-meter", ...fields, msg });
}

export const logToStdout: Log = (level, msg, fields) => {
  process.stdout.write(`${logLine(new Date(), level, msg, fields)}\n`);
};
