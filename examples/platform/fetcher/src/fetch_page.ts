/** From a URL to the result document. */
import type { FetchResult } from "@platform/shared/fetch_result";
import type { Logger } from "@platform/shared/log";
import { TimeoutError, withTimeout } from "@platform/shared/time";
import { launchBrowser, type RunningBrowser } from "./browser.ts";
import { allowedAddresses } from "./egress.ts";
import { failureOf, PageFailure } from "./failure.ts";
import { type Options, pageLimitMs } from "./options.ts";
import { readPage } from "./page.ts";
import { EgressProxy } from "./proxy.ts";

/** Never throws: failures are results too. */
export async function fetchPage(options: Options, log: Logger): Promise<FetchResult> {
  const started = performance.now();
  const limitMs = pageLimitMs(options.timeoutSeconds);
  const cleanup: Array<() => void | Promise<void>> = [];
  try {
    const found = await withTimeout(open(options, log, limitMs, cleanup), limitMs, "the page");
    return { ok: true, ...found, milliseconds: Math.round(performance.now() - started) };
  } catch (error) {
    if (error instanceof TimeoutError) return failed(new PageFailure("timeout", `no result within ${limitMs} ms`, false));
    return failed(error);
  } finally {
    for (const step of cleanup) await step();
  }
}

async function open(options: Options, log: Logger, limitMs: number, cleanup: Array<() => void | Promise<void>>) {
  const url = parseUrl(options.url);
  // What is refused anyway needs no browser.
  await allowedAddresses(options.egress, url.hostname);
  const proxy = new EgressProxy(options.egress, log);
  cleanup.push(() => proxy.close());
  const port = await proxy.listen();
  const running: RunningBrowser = await launchBrowser(options.chromiumPath, port, limitMs);
  cleanup.unshift(running.kill);
  log.debug({ version: await running.browser.version() }, "browser started");
  return readPage(running.browser, proxy, url.href, limitMs);
}

/** @throws PageFailure */
function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw new PageFailure("invalid_url", "this is not a URL", true);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new PageFailure("not_http", `${url.protocol} is not http: or https:`, true);
  }
  return url;
}

function failed(error: unknown): FetchResult {
  return { ok: false, error: failureOf(error) };
}
