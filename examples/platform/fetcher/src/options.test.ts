import { describe, expect, test } from "bun:test";
import { ConfigError } from "@platform/shared/config";
import { failureOf } from "./failure.ts";
import { pageLimitMs, readOptions } from "./options.ts";

const ARGS = ["--job", "j1", "--url", "https://example.com/"];

test("the defaults are the safe ones", () => {
  expect(readOptions(ARGS, {})).toEqual({
    job: "j1",
    url: "https://example.com/",
    egress: { kind: "none" },
    timeoutSeconds: 30,
    chromiumPath: "/usr/lib/chromium/chromium-headless-shell",
    logLevel: "info",
  });
});

test.each([[[]], [["--job", "j1"]], [["--url", "x"]], [[...ARGS, "--no-sandbox"]], [[...ARGS, "more"]]])(
  "the arguments %p are refused",
  (args: string[]) => expect(() => readOptions(args, {})).toThrow(ConfigError),
);

test("wrong settings are named", () => {
  expect(() => readOptions(ARGS, { EGRESS: "http://a", TIMEOUT_SECONDS: "0" })).toThrow(
    new ConfigError(
      'EGRESS: found "http://a", expected none, public, or host names with commas between them\n' +
        'TIMEOUT_SECONDS: found "0", expected a whole number, 1 to 86400',
    ),
  );
});

test("a margin remains to tell of a timeout", () => {
  expect(pageLimitMs(30)).toBe(28_000);
  expect(pageLimitMs(5)).toBe(4_500);
});

describe("the browser's error", () => {
  test.each<[string, string, boolean]>([
    ["net::ERR_ABORTED at https://a/", "not_a_page", true],
    ["net::ERR_UNKNOWN_URL_SCHEME at https://a/", "not_http", true],
    ["net::ERR_UNSAFE_REDIRECT at https://a/", "not_http", true],
    ["net::ERR_TOO_MANY_REDIRECTS at https://a/", "redirects", true],
    ["net::ERR_UNSAFE_PORT at http://a:1/", "unsafe_port", true],
    ["net::ERR_CERT_AUTHORITY_INVALID at https://a/", "certificate", true],
    ["net::ERR_CONNECTION_RESET at https://a/", "connection", false],
    ["net::ERR_TUNNEL_CONNECTION_FAILED at https://a/", "connection", false],
    ["Failed to launch the browser process!", "browser", false],
  ])("%s", (message, code, permanent) => expect(failureOf(new Error(message))).toMatchObject({ code, permanent }));

  test("of its own time limit is a timeout", () => {
    const error = Object.assign(new Error("Navigation timeout of 100 ms exceeded"), { name: "TimeoutError" });
    expect(failureOf(error)).toMatchObject({ code: "timeout", permanent: false });
  });
});
