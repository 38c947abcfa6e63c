/** Why a page could not be fetched. */
import type { FetchError } from "@platform/shared/fetch_result";
import { errorText, TimeoutError } from "@platform/shared/time";
import { EgressRefused } from "./egress.ts";

export class PageFailure extends Error implements FetchError {
  override readonly name = "PageFailure";
  constructor(
    readonly code: string,
    message: string,
    readonly permanent: boolean,
  ) {
    super(message);
  }
}

/** Chromium's net errors that another try cannot change: https://source.chromium.org/chromium/chromium/src/+/main:net/base/net_error_list.h */
const PERMANENT: ReadonlyArray<readonly [pattern: RegExp, code: string, message: string]> = [
  [/net::ERR_ABORTED/, "not_a_page", "the URL gives no page, a download for example"],
  [/net::ERR_(UNKNOWN|DISALLOWED)_URL_SCHEME|net::ERR_UNSAFE_REDIRECT/, "not_http", "the page leads to a URL that is not http or https"],
  [/net::ERR_TOO_MANY_REDIRECTS/, "redirects", "the page redirects too often"],
  [/net::ERR_UNSAFE_PORT/, "unsafe_port", "browsers refuse to connect to this port"],
  [/net::ERR_INVALID_URL|Cannot navigate to invalid URL/, "invalid_url", "this is not a URL"],
];

/** The error as the result document tells it. @param error whatever the browser or the proxy threw */
export function failureOf(error: unknown): FetchError {
  if (error instanceof PageFailure || error instanceof EgressRefused) {
    return { code: error.code, message: error.message, permanent: error.permanent };
  }
  const text = errorText(error);
  if (error instanceof TimeoutError || (error instanceof Error && error.name === "TimeoutError")) {
    return { code: "timeout", message: text, permanent: false };
  }
  const known = PERMANENT.find(([pattern]) => pattern.test(text));
  if (known !== undefined) return { code: known[1], message: known[2], permanent: true };
  const certificate = /net::(ERR_CERT_\w+)/.exec(text);
  if (certificate) return { code: "certificate", message: `the certificate is not valid (${certificate[1]})`, permanent: true };
  const network = /net::(ERR_\w+)/.exec(text);
  if (network) return { code: "connection", message: `the connection failed (${network[1]})`, permanent: false };
  return { code: "browser", message: text, permanent: false };
}
