import { expect, test } from "bun:test";
import { errorText, pause, TimeoutError, unlessAborted, withTimeout } from "./time.ts";

test("work in time gives its result, or its error", async () => {
  expect(await withTimeout(Promise.resolve(7), 1_000, "work")).toBe(7);
  await expect(withTimeout(Promise.reject(new Error("no")), 1_000, "work")).rejects.toThrow("no");
});

test("work that takes too long is a TimeoutError", async () => {
  await expect(withTimeout(new Promise(() => {}), 10, "the work")).rejects.toEqual(
    new TimeoutError("the work took longer than 10 ms"),
  );
});

test("a pause ends at once when it is aborted", async () => {
  const abort = new AbortController();
  const paused = pause(60_000, abort.signal);
  abort.abort();
  await paused;
  await pause(60_000, abort.signal);
});

test("work gives its result or its error unless it is aborted before", async () => {
  const abort = new AbortController();
  expect(await unlessAborted(Promise.resolve(7), abort.signal)).toBe(7);
  await expect(unlessAborted(Promise.reject(new Error("no")), abort.signal)).rejects.toThrow("no");
  const waiting = unlessAborted(new Promise(() => {}), abort.signal);
  abort.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  await expect(unlessAborted(new Promise(() => {}), abort.signal)).rejects.toThrow("enough");
});

test("an error's text is one line of limited length", () => {
  expect(errorText(new Error("two\n  lines"))).toBe("two lines");
  expect(errorText(new RangeError(""))).toBe("RangeError");
  expect(errorText("x".repeat(20), 5)).toBe("xxxxx");
});
