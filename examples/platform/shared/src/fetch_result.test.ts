import { describe, expect, test } from "bun:test";
import { imageType, MalformedResult, parseFetchResult } from "./fetch_result.ts";

const WEBP = Buffer.from("RIFF\0\0\0\0WEBPVP8 ", "latin1");
const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);
const PAGE = {
  ok: true,
  title: "Example",
  text: "Text",
  screenshot: WEBP.toString("base64"),
  finalUrl: "https://example.com/",
  status: 200,
  milliseconds: 812,
};

test("a page", () => expect(parseFetchResult(JSON.stringify(PAGE))).toEqual({ ...PAGE, ok: true }));

test("a failure", () => {
  const error = { code: "timeout", message: "no result within 28000 ms", permanent: false };
  expect(parseFetchResult(JSON.stringify({ ok: false, error }))).toEqual({ ok: false, error });
});

describe("is refused:", () => {
  test.each([
    ["", "the result is not JSON"],
    ['{"ok":true', "the result is not JSON"],
    ["[]", "the result is not an object"],
    ["{}", "ok is not true or false"],
    [JSON.stringify({ ...PAGE, title: 7 }), "title is not text"],
    [JSON.stringify({ ...PAGE, status: "200" }), "status is not a whole number"],
    [JSON.stringify({ ...PAGE, milliseconds: -1 }), "milliseconds is not a whole number"],
    [JSON.stringify({ ...PAGE, screenshot: "PHN2Zz4=" }), "screenshot is not a WebP or JPEG image in base64"],
    [JSON.stringify({ ok: false }), "error is not an object"],
    [JSON.stringify({ ok: false, error: { code: 1 } }), "code is not text"],
  ])("%s", (document, message) => {
    expect(() => parseFetchResult(document)).toThrow(new MalformedResult(message));
  });
});

test("only true is permanent", () => {
  const error = { code: "x", message: "y", permanent: "true" };
  expect(parseFetchResult(JSON.stringify({ ok: false, error }))).toMatchObject({ error: { permanent: false } });
});

test("images are known by their first bytes", () => {
  expect(imageType(WEBP)).toBe("image/webp");
  expect(imageType(JPEG)).toBe("image/jpeg");
  expect(imageType(Buffer.from("<svg>"))).toBeNull();
  expect(imageType(new Uint8Array())).toBeNull();
});
