import { describe, expect, test } from "bun:test";
import { MalformedAnswer, parseJob, parseSummary } from "../src/job.ts";
import { fakeJob } from "./fake_api.ts";

describe("a job", () => {
  test("keeps its fields, times as numbers", () => {
    expect(parseJob(fakeJob({ id: "x" }))).toEqual({
      id: "x",
      url: "https://example.com/",
      status: "done",
      title: "Example Domain",
      error: null,
      hasScreenshot: true,
      attempts: 1,
      createdAt: Date.parse("2026-11-23T10:00:00.000Z"),
      startedAt: Date.parse("2026-11-23T10:00:00.200Z"),
      finishedAt: Date.parse("2026-11-23T10:00:01.500Z"),
      milliseconds: 1_234,
      text: "This domain is for use in examples.",
      finalUrl: "https://example.com/",
      httpStatus: 200,
    });
  });

  test("loses what nobody asked for, and what is too long", () => {
    const job = parseSummary({ ...fakeJob({ title: "t".repeat(5_000) }), __proto__: { evil: 1 }, extra: 1 });
    expect(job.title).toBe(`${"t".repeat(300)}…`);
    expect(Object.keys(job)).not.toContain("extra");
  });

  test.each([
    ["null", null, "job is not an object"],
    ["a list", [], "job is not an object"],
    ["an unknown status", fakeJob({ status: "paused" }), "status is not one of queued, active, done, failed"],
    ["a title that is markup as an object", fakeJob({ title: { html: "<b>" } }), "title is not a string"],
    ["a time in words", fakeJob({ createdAt: "yesterday" }), "createdAt is not a time"],
    ["endless attempts", fakeJob({ attempts: Number.NaN }), "attempts is not a number"],
  ])("that is %s is refused by name", (_, value, message) => {
    expect(() => parseJob(value)).toThrow(new MalformedAnswer(message));
  });
});
