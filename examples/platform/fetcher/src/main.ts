/**
 * The fetcher: opens one page, prints its log and then the result, one JSON document on a line of its own, and ends.
 * Both go to stdout: the document is long, and Kubernetes would mix another stream into it.
 */
import { ConfigError } from "@platform/shared/config";
import type { FetchResult } from "@platform/shared/fetch_result";
import { createLogger } from "@platform/shared/log";
import { fetchPage } from "./fetch_page.ts";
import { type Options, readOptions } from "./options.ts";

const result = await run();
await Bun.write(Bun.stdout, `${JSON.stringify(result)}\n`);
process.exit(result.ok ? 0 : 1);

async function run(): Promise<FetchResult> {
  let options: Options;
  try {
    options = readOptions(process.argv.slice(2), process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { ok: false, error: { code: "settings", message: error.message, permanent: true } };
  }
  const log = createLogger("fetcher", options.logLevel).child({ job: options.job });
  log.info({ url: options.url, egress: options.egress.kind }, "fetching");
  const outcome = await fetchPage(options, log);
  if (outcome.ok) log.info({ status: outcome.status, milliseconds: outcome.milliseconds }, "fetched");
  else log.warn({ ...outcome.error }, "not fetched");
  return outcome;
}
