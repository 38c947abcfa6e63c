import { describe, expect, test } from "bun:test";
import { BadRequest, BODY_LIMIT_BYTES, parseUrl, readJobRequest, readLimit } from "./input.ts";

const post = (body: BodyInit, headers: Record<string, string> = {}) =>
  new Request("http://api/v1/jobs", { method: "POST", body, headers });

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof BadRequest) return `${error.status} ${error.code}: ${error.message}`;
    throw error;
  }
  return "accepted";
}

describe("a URL", () => {
  test.each([
    ["https://example.com", "https://example.com/"],
    ["HTTP://Example.com:80/a b?c#d", "http://example.com/a%20b?c#d"],
    ["http://10.0.0.1/", "http://10.0.0.1/"],
    [`https://example.com/${"a".repeat(2_028)}`, `https://example.com/${"a".repeat(2_028)}`],
  ])("%p is accepted", (text, url) => expect(parseUrl(text)).toBe(url));

  test.each([
    ["", "400 invalid_url: url is not a URL; expected https://host/path"],
    ["example.com", "400 invalid_url: url is not a URL; expected https://host/path"],
    ["https://", "400 invalid_url: url is not a URL; expected https://host/path"],
    ["ftp://example.com/", "400 invalid_url: url starts with ftp:; only http: and https: are allowed"],
    ["javascript:alert(1)", "400 invalid_url: url starts with javascript:; only http: and https: are allowed"],
    ["file:///etc/passwd", "400 invalid_url: url starts with file:; only http: and https: are allowed"],
    ["https://u:p@example.com/", "400 invalid_url: url holds a user name or password; they would be stored and logged"],
    [`https://example.com/${"a".repeat(2_029)}`, "400 invalid_url: url has 2049 characters; at most 2048 are allowed"],
    [`https://example.com/${"ä".repeat(1_000)}`, "400 invalid_url: url has more than 2048 characters when encoded"],
  ])("%p is refused", (text, message) => expect(refusal(() => parseUrl(text))).toBe(message));
});

describe("a job request", () => {
  test("is read, whatever its content type is", async () => {
    const body = '{"url": "https://example.com"}';
    expect(await readJobRequest(post(body))).toBe("https://example.com/");
    const form = { "content-type": "application/x-www-form-urlencoded" };
    expect(await readJobRequest(post(body, form))).toBe("https://example.com/");
  });

  test.each([
    ["", "invalid_json", 400],
    ["{", "invalid_json", 400],
    ["url=https://example.com", "invalid_json", 400],
    ["null", "invalid_body", 400],
    ["[]", "invalid_body", 400],
    ['"https://example.com"', "invalid_body", 400],
    ['{"url": 7}', "invalid_body", 400],
    ['{"URL": "https://example.com"}', "invalid_body", 400],
    [`{"url": "https://example.com/${" ".repeat(BODY_LIMIT_BYTES)}"}`, "too_large", 413],
  ])("%p is refused", async (body, code, status) => {
    await expect(readJobRequest(post(body))).rejects.toMatchObject({ code, status });
  });

  test("that does not say its length is read up to the limit", async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 1_024;
        controller.enqueue(new Uint8Array(1_024));
      },
    });
    await expect(readJobRequest(post(endless))).rejects.toMatchObject({ code: "too_large" });
    expect(sent).toBeLessThan(2 * BODY_LIMIT_BYTES);
  });
});

describe("a limit", () => {
  const limit = (query: string) => readLimit(new Request(`http://api/v1/jobs${query}`));

  test.each([["", 50], ["?limit=1", 1], ["?limit=200", 200]])("%p", (query, expected) => {
    expect(limit(query)).toBe(expected);
  });

  test.each(["?limit=", "?limit=0", "?limit=201", "?limit=-1", "?limit=1.5", "?limit=ten"])("%p is refused", (query) => {
    expect(refusal(() => limit(query))).toBe("400 invalid_limit: limit is not a whole number from 1 to 200");
  });
});
