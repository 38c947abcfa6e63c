import { describe, expect, test } from "bun:test";
import {
  addressOf, ago, clock, completeUrl, duration, durationOf, elapsed, figures, noteOf, safeHref, sentence, splitUrl, titleOf,
} from "../src/client/format.ts";
import { type JobSummary, parseSummary } from "../src/job.ts";
import { fakeJob } from "./fake_api.ts";

const job = (fields: Parameters<typeof fakeJob>[0] = {}): JobSummary => parseSummary(fakeJob(fields));

test.each([
  [-5, "0 ms"], [0, "0 ms"], [840, "840 ms"], [999.6, "1.00 s"], [1_236, "1.24 s"], [9_994, "9.99 s"], [9_996, "10.0 s"],
  [30_012, "30.0 s"], [59_960, "1 min 0 s"], [125_000, "2 min 5 s"], [3_599_400, "59 min 59 s"], [11_520_000, "3 h 12 min"],
])("a duration of %p ms reads %p", (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});

test.each([[-900, "0 s"], [999, "0 s"], [59_999, "59 s"], [61_000, "1 min 1 s"]])("%p ms so far read %p", (milliseconds, text) => {
  expect(elapsed(milliseconds)).toBe(text);
});

test.each([
  [-60, "just now"], [4, "just now"], [5, "5 s ago"], [60, "1 min ago"], [3_599, "59 min ago"], [7_200, "2 h ago"], [200_000, "2 d ago"],
])("%p s earlier reads %p", (seconds, text) => {
  expect(ago(1_000_000_000, 1_000_000_000 + seconds * 1_000)).toBe(text);
});

test("a moment reads the same everywhere, in the reader's time zone", () => {
  expect(clock(new Date(2026, 0, 2, 3, 4, 5).getTime())).toBe("2026-01-02 03:04:05");
});

describe("addresses", () => {
  test.each([
    ["https://www.example.com/", "example.com", ""],
    ["https://example.com:8443/a?b=<c>#d", "example.com:8443", "/a?b=%3Cc%3E#d"],
    ["https://bücher.example/ü", "xn--bcher-kva.example", "/%C3%BC"],
    ["javascript:alert(1)", "javascript:alert(1)", ""],
    ["not a url", "not a url", ""],
  ])("%p is shown as %p and %p", (url, host, path) => {
    expect(splitUrl(url)).toEqual({ host, path });
  });

  test.each([
    ["https://example.com/a b", "https://example.com/a%20b"],
    ["http://10.0.0.1/", "http://10.0.0.1/"],
    ["javascript:alert(document.domain)", null],
    [" JaVaScRiPt:alert(1)", null],
    ["data:text/html,<script>alert(1)</script>", null],
    ["vbscript:x", null],
    ["blob:https://example.com/1", null],
    ["//example.com", null],
    ["", null],
  ])("%p leads to %p", (url, href) => {
    expect(safeHref(url)).toBe(href);
  });

  test.each([
    ["example.com", "https://example.com"],
    ["  localhost:8000/x ", "https://localhost:8000/x"],
    ["http://example.com", "http://example.com"],
    ["   ", ""],
  ])("typed %p means %p", (typed, url) => {
    expect(completeUrl(typed)).toBe(url);
  });

  test("the host stands in for a missing title, and then not twice", () => {
    expect(titleOf(job({ title: "  " }))).toBe("example.com");
    expect(addressOf(job({ title: null, url: "https://example.com/a" }))).toEqual({ host: "", path: "/a" });
    expect(addressOf(job({ title: null }))).toEqual({ host: "", path: "/" });
    expect(addressOf(job())).toEqual({ host: "example.com", path: "" });
  });
});

describe("a job's time and note", () => {
  const started = Date.parse("2026-11-23T10:00:00.200Z");
  const open = { finishedAt: null, milliseconds: null };

  test.each([
    ["done", {}, "1.23 s", "No screenshot"],
    ["active", open, "7 s", "Fetching the page"],
    ["queued", { ...open, startedAt: null }, null, "Waiting for a worker"],
    ["queued", { ...open, error: "net::ERR_RESET" }, null, "Waiting for another try: net::ERR_RESET"],
    ["failed", { milliseconds: null, error: "no such host" }, "1.30 s", "no such host"],
  ])("%s %o", (status, fields, time, note) => {
    const it = job({ status, ...fields });
    expect([durationOf(it, started + 7_900), noteOf(it)]).toEqual([time, note]);
  });
});

test("errors become sentences", () => {
  expect(sentence("url is not a URL; expected https://host/path")).toBe("The URL is not a URL; expected https://host/path.");
  expect(sentence("the API does not answer")).toBe("The API does not answer.");
  expect(sentence("Really?")).toBe("Really?");
});

describe("the figures", () => {
  test("count by status; the median is of what is done", () => {
    const jobs = [
      ...[900, 100, 500].map((milliseconds) => job({ milliseconds })),
      job({ status: "failed", milliseconds: 30_000 }),
      job({ status: "active", milliseconds: null }),
      job({ status: "queued", milliseconds: null }),
    ];
    expect(figures(jobs)).toEqual({ counts: { queued: 1, active: 1, done: 3, failed: 1 }, median: 500 });
    expect(figures([job({ milliseconds: 1 }), job({ milliseconds: 2 })]).median).toBe(1.5);
    expect(figures([]).median).toBeNull();
  });
});
