/** JSON log lines on stdout, in the form that all programs of the platform use. */

export type Level = "info" | "warn" | "error";

export type Fields = Record<string, string | number | boolean | undefined>;

export type Log = (level: Level, msg: string, fields?: Fields) => void;

/** Text from a client is cut to this many characters before it is logged. */
const TEXT_LIMIT = 300;

function shortened(fields: Fields): Fields {
  const cut = (value: Fields[string]) =>
    typeof value === "string" && value.length > TEXT_LIMIT ? `${value.slice(0, TEXT_LIMIT)}…` : value;
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, cut(value)]));
}

/** One log line without its end. JSON escapes control characters, so a client cannot forge a second line. */
export function logLine(time: Date, level: Level, msg: string, fields: Fields = {}): string {
  return JSON.stringify({ level, time: time.toISOString(), service: "docker-guard", ...shortened(fields), msg });
}

export const logToStdout: Log = (level, msg, fields) => {
  process.stdout.write(`${logLine(new Date(), level, msg, fields)}\n`);
};
