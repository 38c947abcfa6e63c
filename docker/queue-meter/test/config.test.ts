import { describe, expect, test } from "bun:test";
import { ConfigError, readConfig, type Env } from "../src/config.ts";

const QUEUES = JSON.stringify([{ store: "redis", name: "fetch", type: "bullmq" }]);
const GOOD: Env = { QUEUES, REDIS_URL: "redis://redis:6379" };
const FILES: Readonly<Record<string, string>> = { "/run/secrets/P": "s3cret\n", "/empty": "\n" };

function read(env: Env) {
  return readConfig(env, (path) => {
    const content = FILES[path];
    if (content === undefined) throw Object.assign(new Error("no file"), { code: "ENOENT" });
    return content;
  });
}

function problems(env: Env): readonly string[] {
  try {
    read(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const queue = (value: object) => ({ ...GOOD, QUEUES: JSON.stringify([{ store: "redis", ...value }]) });

describe("good settings", () => {
  test("have defaults", () => {
    const { port, queues, stores } = read(GOOD);
    expect([port, queues]).toEqual([8080, [{ store: "redis", name: "fetch", type: "bullmq", prefix: "bull" }]]);
    expect(stores.get("redis")).toMatchObject({ host: "redis", port: 6379, database: 0, tls: false });
    expect(stores.get("redis")?.password()).toBeUndefined();
  });

  test("keep every value", () => {
    const { port, queues, stores } = read({
      PORT: "9000",
      QUEUES: JSON.stringify([
        { store: "main-redis", name: "fetch", type: "bullmq", prefix: "{app}" },
        { store: "main-redis", name: "todo:mail", type: "list" },
        { store: "main-redis", name: "log", type: "stream", group: "mail" },
      ]),
      MAIN_REDIS_URL: "rediss://redis.example:6380/2",
      MAIN_REDIS_USER: "observer",
      MAIN_REDIS_PASSWORD_FILE: "/run/secrets/P",
    });
    expect(port).toBe(9000);
    expect(queues).toEqual([
      { store: "main-redis", name: "fetch", type: "bullmq", prefix: "{app}" },
      { store: "main-redis", name: "todo:mail", type: "list" },
      { store: "main-redis", name: "log", type: "stream", group: "mail" },
    ]);
    const store = stores.get("main-redis");
    expect(store).toMatchObject({ host: "redis.example", port: 6380, database: 2, tls: true, user: "observer" });
    expect(store?.password()).toBe("s3cret");
  });

  test("may have an address of IPv6", () => {
    const { stores } = read({ ...GOOD, REDIS_URL: "redis://[::1]:7000" });
    expect(stores.get("redis")).toMatchObject({ host: "::1", port: 7000 });
  });
});

describe("each problem names the variable, what was found and what is expected", () => {
  const url = "expected a URL such as redis://redis:6379 or rediss://redis.example:6380/0";
  const list = 'expected a JSON list such as [{"store": "redis", "name": "fetch", "type": "bullmq"}]';
  const cases: [string, Env, string][] = [
    ["no port", { ...GOOD, PORT: "0" }, 'PORT: found "0", expected a whole number, 1 to 65535'],
    ["no queues", { ...GOOD, QUEUES: "" }, `QUEUES: found nothing, ${list}`],
    ["no JSON", { ...GOOD, QUEUES: "[" }, `QUEUES: found no JSON, ${list}`],
    ["an empty list", { ...GOOD, QUEUES: "[]" }, `QUEUES: found [], ${list}`],
    ["no object", { ...GOOD, QUEUES: "[3]" }, "QUEUES[0]: found 3, expected an object with store, name and type"],
    [
      "another type",
      queue({ name: "x", type: "set" }),
      'QUEUES[0].type: found "set", expected one of bullmq, list, stream',
    ],
    ["no name", queue({ type: "list" }), "QUEUES[0].name: found nothing, expected a text of 1 to 200 characters"],
    [
      "a colon",
      queue({ name: "a:b", type: "bullmq" }),
      'QUEUES[0].name: found "a:b", expected a text of 1 to 200 characters without a colon',
    ],
    [
      "an option of another type",
      queue({ name: "x", type: "list", group: "g" }),
      "QUEUES[0].group: unknown key, known: store, name, type",
    ],
    [
      "an empty group",
      queue({ name: "x", type: "stream", group: "" }),
      'QUEUES[0].group: found "", expected a text of 1 to 200 characters',
    ],
    ["no URL", { QUEUES }, `REDIS_URL: found nothing, ${url}`],
    ["another URL", { QUEUES, REDIS_URL: "https://redis/?pw=s3cret" }, `REDIS_URL: found "https://redis…", ${url}`],
    ["not a URL", { QUEUES, REDIS_URL: "s3cret" }, `REDIS_URL: found no URL, ${url}`],
    [
      "a password in the URL",
      { QUEUES, REDIS_URL: "redis://:s3cret@redis" },
      `REDIS_URL: found a user or a password in it, ${url}; they belong in _USER and _PASSWORD_FILE`,
    ],
    [
      "no password file",
      { ...GOOD, REDIS_PASSWORD_FILE: "/nowhere" },
      'REDIS_PASSWORD_FILE: found "/nowhere" (ENOENT), expected the path of a readable file',
    ],
    [
      "an empty password file",
      { ...GOOD, REDIS_PASSWORD_FILE: "/empty" },
      'REDIS_PASSWORD_FILE: found "/empty" (empty), expected the path of a file with a password',
    ],
    [
      "a user alone",
      { ...GOOD, REDIS_USER: "observer" },
      "REDIS_PASSWORD_FILE: found nothing, expected the path of a file, since REDIS_USER is set",
    ],
  ];
  test.each(cases)("%s", (_name, env, expected) => {
    expect(problems(env)).toEqual([expected]);
  });

  test("a store's name that no variable can have", () => {
    const env = { QUEUES: JSON.stringify([{ store: "My Redis", name: "x", type: "list" }]) };
    expect(problems(env)).toEqual([
      'QUEUES[0].store: found "My Redis", expected the name of a store, of lower-case letters, digits and hyphens',
    ]);
  });

  test("two queues of one name", () => {
    const twice = JSON.stringify([
      { store: "redis", name: "x", type: "list" },
      { store: "redis", name: "x", type: "stream" },
    ]);
    expect(problems({ ...GOOD, QUEUES: twice })).toEqual(['QUEUES: two queues of redis have the name "x"']);
  });

  test("all at once", () => {
    const queues = JSON.stringify([{ store: "redis", name: "", type: "q" }]);
    const env = { PORT: "x", QUEUES: queues, REDIS_PASSWORD_FILE: "/empty" };
    expect(problems(env).map((text) => text.split(":")[0])).toEqual([
      "PORT",
      "QUEUES[0].type",
      "QUEUES[0].name",
      "REDIS_URL",
      "REDIS_PASSWORD_FILE",
    ]);
  });
});
