/** The dashboard's settings, from its environment. */

export interface Config {
  readonly port: number;
  readonly apiUrl: URL;
  readonly platformName: string;
}

/** A setting is missing or wrong; the message names all of them. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** @throws ConfigError */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const port = Number(env.PORT || "3000");
  if (!Number.isInteger(port) || port < 0 || port > 65_535) problems.push("PORT is not a port, 0 to 65535");
  const apiUrl = URL.parse(env.API_URL ?? "");
  if (apiUrl === null || !/^https?:$/.test(apiUrl.protocol)) problems.push("API_URL is not an http URL");
  if (problems.length > 0 || apiUrl === null) throw new ConfigError(problems.join("; "));
  return { port, apiUrl, platformName: env.PLATFORM_NAME || "Platform" };
}
