/** What the fetcher is told: its arguments and its environment. */
import { parseArgs } from "node:util";
import { ConfigError, type Env, readConfig } from "@platform/shared/config";
import { LOG_LEVELS, type LogLevel } from "@platform/shared/log";
import { type EgressRule, parseEgress } from "./egress.ts";

export interface Options {
  readonly job: string;
  readonly url: string;
  readonly egress: EgressRule;
  readonly timeoutSeconds: number;
  readonly chromiumPath: string;
  readonly logLevel: LogLevel;
}

const CHROMIUM = "/usr/lib/chromium/chromium-headless-shell";
const MARGIN_SHARE = 0.1;
const LONGEST_MARGIN_MS = 2_000;

/** @throws ConfigError */
export function readOptions(args: readonly string[], env: Env): Options {
  const { job, url } = readArguments(args);
  return readConfig(env, (reader) => ({
    job,
    url,
    egress: reader.parsed("EGRESS", "none", parseEgress) ?? { kind: "none" },
    timeoutSeconds: reader.integer("TIMEOUT_SECONDS", { min: 1, max: 86_400, fallback: 30 }),
    chromiumPath: reader.text("CHROMIUM_PATH", CHROMIUM),
    logLevel: reader.choice("LOG_LEVEL", LOG_LEVELS, "info"),
  }));
}

/** The time for the page, in milliseconds: a margin remains to tell of a timeout before the container is killed. */
export function pageLimitMs(timeoutSeconds: number): number {
  const whole = timeoutSeconds * 1_000;
  return whole - Math.min(whole * MARGIN_SHARE, LONGEST_MARGIN_MS);
}

function readArguments(args: readonly string[]): { job: string; url: string } {
  try {
    const { values } = parseArgs({ args: [...args], options: { job: { type: "string" }, url: { type: "string" } } });
    if (values.job && values.url) return { job: values.job, url: values.url };
  } catch (error) {
    throw new ConfigError(`arguments: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new ConfigError("arguments: expected --job ID --url URL");
}
