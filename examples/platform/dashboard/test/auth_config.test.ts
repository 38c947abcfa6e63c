import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { ConfigError, type Env, readConfig } from "@platform/shared/config";
import { readAuth } from "../src/auth/config.ts";
import { KEYS, publishableKey, SECRET_KEY } from "./clerk.ts";

const read = (env: Env) => readConfig(env, readAuth);
const COMPLETE = {
  AUTH: "clerk",
  CLERK_PUBLISHABLE_KEY: publishableKey(),
  CLERK_SECRET_KEY: SECRET_KEY,
  CLERK_JWT_KEY: `${KEYS.pem}\n`,
  CLERK_AUTHORIZED_PARTIES: "https://jobs.example.com, http://127.0.0.1:3000",
};

function problems(env: Env): string[] {
  try {
    read(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
  return [];
}

const named = (env: Env): string[] => problems(env).map((line) => line.split(":")[0] ?? "");

describe("with all keys", () => {
  test.each(["clerk", "clerk-or-test"])("AUTH=%s means sessions of Clerk", (AUTH) => {
    expect(read({ ...COMPLETE, AUTH })).toMatchObject({
      kind: "clerk",
      frontendApi: "clerk.example.com",
      signInUrl: "https://accounts.example.com/sign-in",
      authorizedParties: ["https://jobs.example.com", "http://127.0.0.1:3000"],
    });
  });

  test("a development instance has its sign-in page at Clerk's", () => {
    const keys = { CLERK_PUBLISHABLE_KEY: publishableKey("fair-owl-1.clerk.accounts.dev", "test"), CLERK_SECRET_KEY: "sk_test_1" };
    expect(read({ ...COMPLETE, ...keys })).toMatchObject({ signInUrl: "https://fair-owl-1.accounts.dev/sign-in" });
  });

  test("another sign-in page may be named", () => {
    const signInUrl = "https://example.com/welcome";
    expect(read({ ...COMPLETE, CLERK_SIGN_IN_URL: signInUrl })).toMatchObject({ signInUrl });
    expect(named({ ...COMPLETE, CLERK_SIGN_IN_URL: "javascript:alert(1)" })).toEqual(["CLERK_SIGN_IN_URL"]);
  });
});

describe("without keys", () => {
  const none = { CLERK_AUTHORIZED_PARTIES: COMPLETE.CLERK_AUTHORIZED_PARTIES };
  const keys = ["CLERK_PUBLISHABLE_KEY", "CLERK_SECRET_KEY", "CLERK_JWT_KEY"];

  test("there are test sessions only where AUTH allows them", () => {
    expect(read({ ...none, AUTH: "clerk-or-test" })).toEqual({ kind: "test" });
    expect(named({ ...none, AUTH: "clerk" })).toEqual(keys);
    expect(problems({ ...none, AUTH: "clerk" })[2]).toBe(
      "CLERK_JWT_KEY: found nothing, expected the instance's JWT public key, PEM, RSA with 2048 bits",
    );
  });

  test("nothing is open because nothing is said", () => {
    expect(problems({})).toEqual(["AUTH: found nothing, expected one of none, clerk, clerk-or-test"]);
    expect(named({ ...none, AUTH: "test" })).toEqual(["AUTH"]);
    expect(read({ AUTH: "none" })).toEqual({ kind: "none" });
  });
});

describe("with some of the keys", () => {
  test.each(["CLERK_PUBLISHABLE_KEY", "CLERK_SECRET_KEY", "CLERK_JWT_KEY"])("%s alone is missed", (name) => {
    for (const AUTH of ["clerk", "clerk-or-test"]) expect(named({ ...COMPLETE, AUTH, [name]: "" })).toEqual([name]);
  });
});

describe("a key that is none", () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const pem = (bits: number) =>
    generateKeyPairSync("rsa", { modulusLength: bits }).publicKey.export({ type: "spki", format: "pem" }).toString();
  const wrong: [string, string, string][] = [
    ["a publishable key of nothing", "CLERK_PUBLISHABLE_KEY", "pk_live_AAAA"],
    ["a publishable key with a path", "CLERK_PUBLISHABLE_KEY", publishableKey("evil.example/clerk.example.com")],
    ["a secret key in place of the publishable one", "CLERK_PUBLISHABLE_KEY", SECRET_KEY],
    ["a publishable key in place of the secret one", "CLERK_SECRET_KEY", publishableKey()],
    ["a secret key of another kind of instance", "CLERK_SECRET_KEY", "sk_test_1"],
    ["a private JWT key", "CLERK_JWT_KEY", privateKey.export({ type: "pkcs8", format: "pem" }).toString()],
    ["a longer JWT key", "CLERK_JWT_KEY", pem(3_072)],
    ["half a JWT key", "CLERK_JWT_KEY", KEYS.pem.slice(0, 200)],
    ["a JWT key of another algorithm", "CLERK_JWT_KEY", generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }).toString()],
    ["no origin", "CLERK_AUTHORIZED_PARTIES", ""],
    ["a host for an origin", "CLERK_AUTHORIZED_PARTIES", "jobs.example.com"],
    ["an origin with a path", "CLERK_AUTHORIZED_PARTIES", "https://jobs.example.com/"],
  ];
  test.each(wrong)("%s is refused, and not shown", (_, name, value) => {
    const found = problems({ ...COMPLETE, [name]: value });
    expect(found.map((line) => line.split(":")[0])).toEqual([name]);
    if (value !== "" && name !== "CLERK_AUTHORIZED_PARTIES") expect(found[0]).not.toContain(value.trim());
  });
});
