import { expect, test } from "bun:test";
import { isJobId, newJobId, statusFrom } from "./job.ts";
import { withPassword } from "./queue.ts";

test("ids sort by the time of their creation and are nobody's guess", () => {
  const ids = Array.from({ length: 100 }, newJobId);
  expect(ids.every(isJobId)).toBe(true);
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(100);
});

test.each(["", "1", "../health", "0195d1f4-0000-4000-8000-000000000000", `${newJobId()} `])("%p is no id", (text) => {
  expect(isJobId(text)).toBe(false);
});

test("a status that nobody knows is an error", () => {
  expect(statusFrom("done")).toBe("done");
  expect(() => statusFrom("lost")).toThrow('unknown job status "lost"');
});

test("a password goes into the URL, whatever it holds", () => {
  expect(withPassword("redis://redis:6379", undefined)).toBe("redis://redis:6379");
  expect(withPassword("redis://redis:6379", "a/b@c:d%")).toBe("redis://:a%2Fb%40c%3Ad%25@redis:6379");
});
