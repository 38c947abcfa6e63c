/** What every answer carries, and who may post. */

/**
 * Nothing but this origin, no inline script or style. `require-trusted-types-for` makes the browser refuse every
 * assignment of text as markup (innerHTML and the like), so titles and texts of fetched pages stay text.
 */
const PAGE_DIRECTIVES = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
];

/** For everything that is not the page: should a browser ever show it as a document, it can do nothing. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";

/** For what the page has in a frame of its own. */
export const FRAMED_POLICY = "default-src 'none'; frame-ancestors 'self'; sandbox";

const COMMON: Readonly<Record<string, string>> = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

export const PAGE_HEADERS = pageHeaders([]);

/** @param frameSources what the page may show in frames */
export function pageHeaders(frameSources: readonly string[]): Readonly<Record<string, string>> {
  const frames = frameSources.length > 0 ? [`frame-src ${frameSources.join(" ")}`] : [];
  return { ...COMMON, "content-security-policy": [...PAGE_DIRECTIVES, ...frames].join("; ") };
}

export const DATA_HEADERS: Readonly<Record<string, string>> = {
  ...COMMON,
  "content-security-policy": DATA_POLICY,
};

/**
 * Whether a request that changes something comes from our own page. Browsers say so in Sec-Fetch-Site; where that is
 * missing (plain http to a name that is not localhost) the Origin's host must be ours. Neither can be set by a script.
 */
export function isSameOrigin(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  const origin = URL.parse(request.headers.get("origin") ?? "");
  return origin !== null && origin.host === request.headers.get("host");
}
