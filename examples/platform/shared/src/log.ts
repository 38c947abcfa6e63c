/** JSON logs, one object per line: level, time, service, then the fields (job), then msg. */
import pino from "pino";

export type Logger = pino.Logger;

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const STDOUT = 1;

/** @param target takes one line a call; stdout, unless said otherwise */
export function createLogger(service: string, level: LogLevel, target?: pino.DestinationStream): Logger {
  // Synchronous, so that nothing is lost when the process ends.
  const stream = target ?? pino.destination({ fd: STDOUT, sync: true });
  return pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
}
