/** JSON logs, one object per line: level, time, service, then the fields (job), then msg. */
import pino from "pino";

export type Logger = pino.Logger;

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const STDOUT = 1;
export const STDERR = 2;

/** @param target a file descriptor, or anything with a `write` that takes one line */
export function createLogger(service: string, level: LogLevel, target: number | pino.DestinationStream = STDOUT): Logger {
  // Synchronous, so that nothing is lost when the process ends.
  const stream = typeof target === "number" ? pino.destination({ fd: target, sync: true }) : target;
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
