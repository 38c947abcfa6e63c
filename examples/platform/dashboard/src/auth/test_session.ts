/**
 * Sessions for work on a machine without keys of Clerk: tokens of the same form, verified by the same code, but signed by
 * a key that this process has made. Whoever asks gets one, so they are worth something at loopback addresses only.
 */
import { verifyJwt } from "@clerk/backend/jwt";
import { isLoopbackHost } from "@platform/shared/loopback";
import type { Admission, Gate } from "./gate.ts";

export const SIGN_IN_PATH = "/sign-in";

const COOKIE = "__test_session";
const SECONDS = 12 * 60 * 60;
const ISSUER = "https://test-sessions.localhost";
const AUTHORIZED_PARTY = "https://dashboard.localhost";
const ALGORITHM = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

export interface TestKey {
  readonly publicJwk: JsonWebKey;
  readonly privateKey: CryptoKey;
}

// Under `bun --hot` a newer version takes over the key, or each edit would end all sessions.
const survivor = globalThis as { dashboardTestKey?: Promise<TestKey> };

export function testKey(): Promise<TestKey> {
  return (survivor.dashboardTestKey ??= makeTestKey());
}

export async function makeTestKey(): Promise<TestKey> {
  const parameters = { ...ALGORITHM, modulusLength: 2_048, publicExponent: new Uint8Array([1, 0, 1]) };
  const { privateKey, publicKey } = await crypto.subtle.generateKey(parameters, true, ["sign", "verify"]);
  return { privateKey, publicJwk: await crypto.subtle.exportKey("jwk", publicKey) };
}

export class TestGate implements Gate {
  readonly frameSources: readonly string[] = [];
  readonly #key: TestKey;

  constructor(key: TestKey) {
    this.#key = key;
  }

  async admit(request: Request): Promise<Admission> {
    const refusal = this.refusal(request);
    if (refusal !== null) return { kind: "refused", message: refusal };
    const token = new Bun.CookieMap(request.headers.get("cookie") ?? "").get(COOKIE);
    const reason = token ? await this.#problemOf(token) : "there is no session";
    return reason === null ? { kind: "session", cookies: [] } : { kind: "none", signIn: SIGN_IN_PATH, reason, cookies: [] };
  }

  /**
   * Why there are no test sessions under this address, if so. The Host is the one that a browser shows: this keeps out
   * other machines, proxies that pass it on, and foreign names that lead here (DNS rebinding).
   */
  refusal(request: Request): string | null {
    const given = request.headers.get("host");
    if (isLoopbackHost(given)) return null;
    const host = URL.parse(`http://${given}`)?.hostname ?? "";
    return `the dashboard has no keys of Clerk, and its test sessions are for localhost only, not for ${host}`;
  }

  /** A new session, as a cookie. */
  async cookie(): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const claims = { iss: ISSUER, azp: AUTHORIZED_PARTY, sub: "test", iat: now, nbf: now, exp: now + SECONDS };
    const token = await sign({ alg: "RS256", typ: "JWT" }, claims, this.#key.privateKey);
    return `${COOKIE}=${token}; Path=/; Max-Age=${SECONDS}; HttpOnly; SameSite=Lax`;
  }

  async #problemOf(token: string): Promise<string | null> {
    const expected = { key: this.#key.publicJwk, issuer: ISSUER, authorizedParties: [AUTHORIZED_PARTY] };
    return verifyJwt(token, expected).then(
      () => null,
      (error: Error) => error.message,
    );
  }
}

/** A JSON Web Token (RFC 7519) signed with RS256. */
export async function sign(header: object, claims: object, key: CryptoKey): Promise<string> {
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  const signature = await crypto.subtle.sign(ALGORITHM.name, key, Buffer.from(text));
  return `${text}.${Buffer.from(signature).toString("base64url")}`;
}
