import { describe, expect, test } from "bun:test";
import { allowedAddresses, canonicalHost, EgressRefused, parseEgress, resolveHost } from "./egress.ts";

const names: Readonly<Record<string, readonly string[]>> = {
  "example.com": ["93.184.215.14", "2606:2800:21f::1"],
  "internal.example.com": ["10.0.0.7"],
  "mixed.example.com": ["127.0.0.1", "93.184.215.14", "::1"],
  "site": ["172.20.0.5"],
  "empty.example.com": [],
};
const resolve = async (host: string) => names[host] ?? resolveHost(host);

async function outcome(egress: string, host: string): Promise<readonly string[] | string> {
  try {
    return await allowedAddresses(parseEgress(egress), host, resolve);
  } catch (error) {
    if (error instanceof EgressRefused) return error.code;
    throw error;
  }
}

describe("a rule", () => {
  test.each([
    ["none", { kind: "none" }],
    ["public", { kind: "public" }],
    ["site", { kind: "hosts", hosts: new Set(["site"]) }],
    ["Site, 10.0.0.7,[::1]", { kind: "hosts", hosts: new Set(["site", "10.0.0.7", "::1"]) }],
  ])("%p", (text, rule) => expect(parseEgress(text)).toEqual(rule as ReturnType<typeof parseEgress>));

  test.each(["", ",", "a,,b", "http://a", "a/b", "*", "a b", "public,", "::g"])("%p is none", (text) => {
    expect(() => parseEgress(text)).toThrow("none, public, or host names with commas between them");
  });
});

describe("with EGRESS", () => {
  test.each<[string, string, readonly string[] | string]>([
    ["none", "example.com", "refused_address"],
    ["none", "93.184.215.14", "refused_address"],
    ["public", "example.com", ["93.184.215.14", "2606:2800:21f::1"]],
    ["public", "EXAMPLE.com.", ["93.184.215.14", "2606:2800:21f::1"]],
    ["public", "93.184.215.14", ["93.184.215.14"]],
    ["public", "[2606:4700::1]", ["2606:4700::1"]],
    ["public", "internal.example.com", "refused_address"],
    ["public", "mixed.example.com", ["93.184.215.14"]],
    ["public", "localhost", "refused_address"],
    ["public", "127.0.0.1", "refused_address"],
    ["public", "[::1]", "refused_address"],
    ["public", "[::ffff:7f00:1]", "refused_address"],
    ["public", "169.254.169.254", "refused_address"],
    // The system's resolver takes these for addresses too.
    ["public", "2130706433", "refused_address"],
    ["public", "0x7f.1", "refused_address"],
    ["public", "127.1", "refused_address"],
    ["public", "empty.example.com", "unresolvable"],
    ["public", "nowhere.invalid", "unresolvable"],
    ["site", "site", ["172.20.0.5"]],
    ["site", "SITE.", ["172.20.0.5"]],
    ["site", "172.20.0.5", "refused_address"],
    ["site", "example.com", "refused_address"],
    ["site", "site.example.com", "refused_address"],
    ["site,127.0.0.1", "127.0.0.1", ["127.0.0.1"]],
    ["::1", "[::1]", ["::1"]],
  ])("%s, %s", async (egress, host, expected) => expect(await outcome(egress, host)).toEqual(expected));
});

test("a name that is refused is not even resolved", async () => {
  const never = () => Promise.reject(new Error("resolved"));
  await expect(allowedAddresses({ kind: "none" }, "example.com", never)).rejects.toThrow(EgressRefused);
  await expect(allowedAddresses(parseEgress("site"), "example.com", never)).rejects.toThrow(EgressRefused);
});

test("hosts are compared in one form", () => {
  expect(canonicalHost("[::1]")).toBe("::1");
  expect(canonicalHost("Example.COM.")).toBe("example.com");
});
