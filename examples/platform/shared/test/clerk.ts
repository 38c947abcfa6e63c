/** An instance of Clerk as far as programs see it: keys made for the test, and tokens signed with them. */
import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

export const FRONTEND_API = "clerk.example.com";
export const ORIGIN = "https://jobs.example.com";

export interface KeyPair {
  readonly pem: string;
  readonly privateKey: KeyObject;
}

export function makeKeys(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  return { pem: publicKey.export({ type: "spki", format: "pem" }).toString().trim(), privateKey };
}

export const KEYS = makeKeys();

export function publishableKey(frontendApi = FRONTEND_API, kind: "live" | "test" = "live"): string {
  return `pk_${kind}_${Buffer.from(`${frontendApi}$`).toString("base64")}`;
}

export const now = (): number => Math.floor(Date.now() / 1_000);

/** What a session token says, made just now, unless said otherwise; undefined leaves a claim out. */
export function claims(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const at = now();
  return {
    iss: `https://${FRONTEND_API}`,
    azp: ORIGIN,
    sub: "user_1",
    sid: "sess_1",
    iat: at - 10,
    nbf: at - 20,
    exp: at + 50,
    ...changes,
  };
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

export function token(body: unknown = claims(), key: KeyObject = KEYS.privateKey, header: object = {}): string {
  const text = `${part({ alg: "RS256", typ: "JWT", kid: "ins_1", ...header })}.${part(body)}`;
  return `${text}.${sign("sha256", Buffer.from(text), key).toString("base64url")}`;
}

export function unsignedToken(): string {
  return `${part({ alg: "none", typ: "JWT" })}.${part(claims())}.`;
}

/** Signed with the public key as if that were a shared secret. */
export function confusedToken(): string {
  const text = `${part({ alg: "HS256", typ: "JWT", kid: "ins_1" })}.${part(claims())}`;
  return `${text}.${createHmac("sha256", KEYS.pem).update(text).digest("base64url")}`;
}

/** The cookies of a browser that Clerk knows to be signed in. */
export function cookies(session: string | undefined, more: Readonly<Record<string, string>> = {}): string {
  const all = { __client_uat: String(now() - 3_600), ...(session === undefined ? {} : { __session: session }), ...more };
  return Object.entries(all).map(([name, value]) => `${name}=${value}`).join("; ");
}
