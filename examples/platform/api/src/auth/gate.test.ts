import { afterEach, describe, expect, test } from "bun:test";
import { ConfigError, type Env, readConfig } from "@platform/shared/config";
import { createLogger } from "@platform/shared/log";
import {
  claims,
  confusedToken,
  FRONTEND_API,
  KEYS,
  makeKeys,
  now,
  ORIGIN,
  publishableKey,
  token,
  unsignedToken,
} from "../../../shared/test/clerk.ts";
import { readAuth } from "./config.ts";
import { createGate, type Gate } from "./gate.ts";

const COMPLETE = {
  AUTH: "clerk",
  CLERK_PUBLISHABLE_KEY: publishableKey(),
  CLERK_JWT_KEY: `${KEYS.pem}\n`,
  CLERK_AUTHORIZED_PARTIES: ORIGIN,
};
const SERVICE_TOKEN = "c4n4ryOfTheServices";
const logs: string[] = [];
afterEach(() => void logs.splice(0));

function gate(env: Env): Gate {
  return createGate(readConfig(env, readAuth), createLogger("api", "debug", { write: (line) => logs.push(line) }));
}

async function admits(env: Env, headers: Record<string, string>): Promise<boolean> {
  return (await gate(env)(new Request("http://api:8080/v1/jobs", { headers }))) === null;
}

const bearer = (value: string) => ({ authorization: `Bearer ${value}` });

const cases: [string, () => Record<string, string>, boolean][] = [
  ["a session token", () => bearer(token()), true],
  ["one that has just expired, within the clocks' skew", () => bearer(token(claims({ exp: now() - 3 }))), true],
  ["an expired one", () => bearer(token(claims({ exp: now() - 8 }))), false],
  ["one without an end", () => bearer(token(claims({ exp: undefined }))), false],
  ["one that is not valid yet", () => bearer(token(claims({ nbf: now() + 60 }))), false],
  ["one of the wrong issuer", () => bearer(token(claims({ iss: "https://clerk.evil.example" }))), false],
  ["one for the wrong authorized party", () => bearer(token(claims({ azp: "https://evil.example" }))), false],
  ["one without an authorized party", () => bearer(token(claims({ azp: undefined }))), false],
  ["one without a session", () => bearer(token(claims({ sid: undefined }))), false],
  ["one of the wrong key", () => bearer(token(claims(), makeKeys().privateKey)), false],
  ["alg: none", () => bearer(unsignedToken()), false],
  ["HS256 with the public key as its secret", () => bearer(confusedToken()), false],
  ["RS256 changed to another algorithm", () => bearer(token(claims(), KEYS.privateKey, { alg: "RS512" })), false],
  ["nonsense", () => bearer("nonsense"), false],
  ["nothing", () => ({}), false],
  ["a token in a cookie, which browsers send along by themselves", () => ({ cookie: `__session=${token()}` }), false],
  ["the token of services", () => bearer(SERVICE_TOKEN), true],
  ["a token that begins like that of services", () => bearer(SERVICE_TOKEN.slice(0, -1)), false],
];

test.each(cases)("with keys, %s", async (_, headers, expected) => {
  const given = headers();
  expect(await admits({ ...COMPLETE, API_TOKEN: SERVICE_TOKEN }, given)).toBe(expected);
  for (const value of Object.values(given)) expect(logs.join()).not.toContain(value.replace(/^Bearer |^__session=/, ""));
});

test("without a token of services nobody else is one", async () => {
  expect(await admits(COMPLETE, bearer("undefined"))).toBe(false);
  expect(await admits(COMPLETE, bearer(""))).toBe(false);
});

describe("without keys", () => {
  const env = { AUTH: "clerk-or-test", CLERK_AUTHORIZED_PARTIES: ORIGIN, API_TOKEN: SERVICE_TOKEN };

  test("whoever comes by a loopback name may use it, and its log says so", async () => {
    for (const host of ["localhost:8443", "127.0.0.1:8080"]) expect(await admits(env, { host })).toBe(true);
    for (const host of ["jobs.example.com", "api:8080"]) expect(await admits(env, { host })).toBe(false);
    expect(await admits(env, { host: "api:8080", ...bearer(SERVICE_TOKEN) })).toBe(true);
    expect(logs.join()).toContain("no keys of Clerk");
  });

  test("it does not start where AUTH does not allow that, or a key is there", () => {
    for (const given of [{ ...env, AUTH: "clerk" }, { ...env, CLERK_JWT_KEY: KEYS.pem }, { ...env, CLERK_PUBLISHABLE_KEY: "pk_live_x" }]) {
      expect(() => gate(given)).toThrow(ConfigError);
    }
  });

  test("AUTH=none lets everybody in", async () => {
    for (const given of [{ AUTH: "none" }, {}]) expect(await admits(given, {})).toBe(true);
  });
});

test("the issuer is the instance that the publishable key names", () => {
  expect(readConfig(COMPLETE, readAuth)).toMatchObject({ kind: "clerk", issuer: `https://${FRONTEND_API}` });
});
