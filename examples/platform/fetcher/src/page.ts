/** One page: opened, read, photographed. */
import type { FetchedPage } from "@platform/shared/fetch_result";
import { errorText } from "@platform/shared/time";
import type { Browser, HTTPResponse, Page } from "puppeteer-core";
import { VIEWPORT } from "./browser.ts";
import { PageFailure } from "./failure.ts";
import type { EgressProxy } from "./proxy.ts";

const TEXT_LIMIT = 20_000;
const TITLE_LIMIT = 1_000;
const QUIET_MS = 200;
const QUIET_LIMIT_MS = 2_000;
const READ_TRIES = 3;

type Found = Omit<FetchedPage, "ok" | "milliseconds">;

/** @param limitMs for the page to load @throws PageFailure, or what the browser throws: see failureOf */
export async function readPage(browser: Browser, proxy: EgressProxy, url: string, limitMs: number): Promise<Found> {
  const page = (await browser.pages())[0] ?? (await browser.newPage());
  const main = followMainFrame(page, url);
  page.on("dialog", (dialog) => void dialog.dismiss().catch(() => undefined));
  page.on("popup", (popup) => void popup?.close().catch(() => undefined));
  const reading = async () => {
    try {
      await page.goto(url, { waitUntil: "load", timeout: limitMs });
    } catch (error) {
      refuse(proxy, main.url());
      throw error;
    }
    // Pages that build themselves after loading; those that never rest are taken as they are.
    await page.waitForNetworkIdle({ idleTime: QUIET_MS, timeout: QUIET_LIMIT_MS }).catch(() => undefined);
    refuse(proxy, main.url());
    return photograph(page, main.response());
  };
  return Promise.race([reading(), crashed(browser, page)]);
}

/** The proxy answers refused requests itself: such an answer is not the page. @throws PageFailure */
function refuse(proxy: EgressProxy, url: string): void {
  const failure = proxy.failureOf(url);
  if (failure !== undefined) throw new PageFailure(failure.code, failure.message, failure.permanent);
}

/** Keeps the last URL and the last response of the main frame, behind all redirects. */
function followMainFrame(page: Page, first: string) {
  let url = first;
  let response: HTTPResponse | null = null;
  page.on("request", (request) => {
    if (request.isNavigationRequest() && request.frame() === page.mainFrame()) url = request.url();
  });
  page.on("response", (candidate) => {
    if (candidate.request().isNavigationRequest() && candidate.frame() === page.mainFrame()) response = candidate;
  });
  return { url: () => url, response: (): HTTPResponse | null => response };
}

async function photograph(page: Page, response: HTTPResponse | null): Promise<Found> {
  if (response === null) throw new PageFailure("not_a_page", "the URL gives no page", true);
  const { title, text } = await read(page);
  const screenshot = await page.screenshot({
    type: "webp",
    quality: 80,
    encoding: "base64",
    clip: { x: 0, y: 0, ...VIEWPORT },
    captureBeyondViewport: false,
  });
  return { title, text, screenshot, finalUrl: page.url(), status: response.status() };
}

/** A page that is just going elsewhere is read when it is there. */
async function read(page: Page): Promise<{ title: string; text: string }> {
  for (let left = READ_TRIES; ; left -= 1) {
    try {
      const found = await page.evaluate(
        (limit) => [document.title, document.body?.innerText ?? ""].map((text) => String(text).slice(0, limit)),
        TEXT_LIMIT,
      );
      const [title, text] = found.map((value) => String(value).trim().toWellFormed());
      return { title: (title ?? "").slice(0, TITLE_LIMIT), text: (text ?? "").slice(0, TEXT_LIMIT) };
    } catch (error) {
      if (left <= 1 || !/context was destroyed|detached|Cannot find context/.test(errorText(error))) throw error;
      await page.waitForNetworkIdle({ idleTime: QUIET_MS, timeout: QUIET_LIMIT_MS }).catch(() => undefined);
    }
  }
}

/** Rejects when the page or the browser dies; never resolves. */
function crashed(browser: Browser, page: Page): Promise<never> {
  return new Promise((_, reject) => {
    const crash = (what: string) => reject(new PageFailure("crash", `${what} crashed`, false));
    page.once("error", () => crash("the page"));
    browser.once("disconnected", () => crash("the browser"));
  });
}
