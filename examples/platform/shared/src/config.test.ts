import { describe, expect, test } from "bun:test";
import { ConfigError, type ConfigReader, type Env, readConfig } from "./config.ts";
import { readStores } from "./stores_config.ts";

const FILES: Readonly<Record<string, string>> = { "/run/secrets/KEY": "s3cret\n", "/run/secrets/EMPTY": "\n" };

function readFile(path: string): string {
  const content = FILES[path];
  if (content === undefined) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
  return content;
}

function read<T>(env: Env, how: (reader: ConfigReader) => T): T {
  return readConfig(env, how, readFile);
}

function problems(env: Env, how: (reader: ConfigReader) => unknown): string[] {
  try {
    read(env, how);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
  return [];
}

describe("integer", () => {
  const port = (reader: ConfigReader) => reader.integer("PORT", { min: 1, max: 65_535, fallback: 8080 });

  test("reads, and falls back where nothing is set", () => {
    expect(read({ PORT: "3000" }, port)).toBe(3000);
    expect(read({}, port)).toBe(8080);
    expect(read({ PORT: "" }, port)).toBe(8080);
  });

  test.each(["80800", "0", "-1", "8e3", "x", "80 ", "1".repeat(20)])("refuses %p", (found) => {
    expect(problems({ PORT: found }, port)).toEqual([
      `PORT: found ${JSON.stringify(found)}, expected a whole number, 1 to 65535`,
    ]);
  });

  test("without a fallback it is required", () => {
    expect(problems({}, (reader) => reader.integer("N", { min: 1, max: 4 }))).toEqual([
      "N: found nothing, expected a whole number, 1 to 4",
    ]);
  });
});

describe("url", () => {
  const url = (reader: ConfigReader) => reader.url("REDIS_URL", ["redis:", "rediss:"]);

  test("reads", () => expect(read({ REDIS_URL: "redis://redis:6379" }, url)).toBe("redis://redis:6379"));

  test.each([
    [undefined, "nothing"],
    ["redis", '"redis"'],
    ["http://user:pw@redis", '"http://…"'],
  ])("refuses %p without telling a password", (found, told) => {
    expect(problems({ REDIS_URL: found }, url)).toEqual([
      `REDIS_URL: found ${told}, expected a URL that starts with redis:// or rediss://`,
    ]);
  });
});

describe("secret", () => {
  const secret = (reader: ConfigReader) => reader.secret("KEY");

  test("comes from the file, else from the variable", () => {
    expect(read({ KEY_FILE: "/run/secrets/KEY", KEY: "other" }, secret)).toBe("s3cret");
    expect(read({ KEY: "other" }, secret)).toBe("other");
  });

  test("is not set where it is empty", () => {
    expect(read({ KEY_FILE: "/run/secrets/EMPTY" }, secret)).toBeUndefined();
    expect(read({ KEY: "" }, secret)).toBeUndefined();
    expect(read({}, secret)).toBeUndefined();
  });

  test("whose file is missing is a problem", () => {
    expect(problems({ KEY_FILE: "/gone" }, secret)).toEqual([
      'KEY_FILE: found "/gone (ENOENT)", expected the path of a readable file',
    ]);
  });
});

test("a choice is one of its choices", () => {
  const level = (reader: ConfigReader) => reader.choice("LEVEL", ["info", "warn"], "info");
  expect(read({ LEVEL: "warn" }, level)).toBe("warn");
  expect(read({}, level)).toBe("info");
  expect(problems({ LEVEL: "loud" }, level)).toEqual(['LEVEL: found "loud", expected one of info, warn']);
});

test("a parsed value takes its expectation from the parser", () => {
  const parse = (text: string) => {
    if (text !== "yes") throw new Error("yes");
    return true;
  };
  expect(read({ A: "yes" }, (reader) => reader.parsed("A", "no", parse))).toBe(true);
  expect(problems({}, (reader) => reader.parsed("A", "no", parse))).toEqual(['A: found "no", expected yes']);
});

test("all problems are told at once", () => {
  expect(problems({ LOG_LEVEL: "loud", REDIS_URL: "x" }, readStores)).toHaveLength(3);
});

test("the stores with secrets in files", () => {
  const env = { REDIS_URL: "redis://redis:6379", TURSO_URL: "http://turso:8081", REDIS_PASSWORD_FILE: "/run/secrets/KEY" };
  expect(read(env, readStores)).toEqual({
    logLevel: "info",
    redis: { url: "redis://redis:6379", password: "s3cret" },
    turso: { url: "http://turso:8081", authToken: undefined },
  });
});
