import { expect, test } from "bun:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { bestCoding, type Coding, encode } from "../src/encoding.ts";

test.each<[string, Coding | null]>([
  ["gzip, deflate, br, zstd", "br"],
  ["GZIP", "gzip"],
  ["gzip;q=1.0, br;q=0", "gzip"],
  ["br ; q=0.000, *", "gzip"],
  ["*;q=0.1", "br"],
  ["*;q=0", null],
  ["identity", null],
  ["", null],
])("%p gets %p", (accepted, coding) => expect(bestCoding(accepted)).toBe(coding));

test("every coding is the same text", () => {
  const text = "söme text ".repeat(100);
  const { plain, br, gzip } = encode(text);
  expect([plain, brotliDecompressSync(br).toString(), gunzipSync(gzip).toString()]).toEqual([text, text, text]);
  expect(br.length).toBeLessThan(100);
  expect(gzip.length).toBeLessThan(100);
});
