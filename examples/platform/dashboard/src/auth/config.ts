/**
 * Who may see the dashboard, as the environment says it. A missing key never opens anything: test sessions are there
 * only where AUTH allows them and no key at all is given.
 */
import { createPublicKey, type KeyObject } from "node:crypto";
import type { ConfigReader } from "@platform/shared/config";

export type AuthConfig =
  /** Whoever reaches the dashboard may see it. */
  | { readonly kind: "none" }
  /** Sessions of Clerk. */
  | ClerkConfig
  /** Sessions that the dashboard signs itself, for whoever comes by a loopback address. */
  | { readonly kind: "test" };

export interface ClerkConfig {
  readonly kind: "clerk";
  readonly publishableKey: string;
  readonly secretKey: string;
  /** PEM. */
  readonly jwtKey: string;
  /** Host of the instance's Frontend API; its tokens are issued by `https://<it>`. */
  readonly frontendApi: string;
  readonly signInUrl: string;
  /** Origins under which the dashboard is reached; the only ones that a token may be made for. Never empty. */
  readonly authorizedParties: readonly [string, ...string[]];
}

const MODES = ["none", "clerk", "clerk-or-test"] as const;
const KEYS = {
  CLERK_PUBLISHABLE_KEY: "the instance's publishable key, pk_live_… or pk_test_…",
  CLERK_SECRET_KEY: "the instance's secret key, sk_live_… or sk_test_…",
  CLERK_JWT_KEY: "the instance's JWT public key, PEM, RSA with 2048 bits",
} as const;
type Key = keyof typeof KEYS;

export function readAuth(reader: ConfigReader): AuthConfig {
  const mode = reader.choice("AUTH", MODES);
  const found: Record<Key, string | undefined> = {
    CLERK_PUBLISHABLE_KEY: reader.text("CLERK_PUBLISHABLE_KEY", "") || undefined,
    CLERK_SECRET_KEY: reader.secret("CLERK_SECRET_KEY"),
    CLERK_JWT_KEY: reader.secret("CLERK_JWT_KEY"),
  };
  const given = Object.values(found).some((value) => value !== undefined);
  if (mode === "none") return { kind: "none" };
  if (mode === "clerk-or-test" && !given) return { kind: "test" };
  return readClerk(reader, found);
}

function readClerk(reader: ConfigReader, found: Readonly<Record<Key, string | undefined>>): ClerkConfig {
  const publishableKey = needed(reader, found, "CLERK_PUBLISHABLE_KEY", (key) => frontendApiOf(key) !== null);
  const secretKey = needed(reader, found, "CLERK_SECRET_KEY", (key) => /^sk_(live|test)_\S+$/.test(key));
  const jwtKey = needed(reader, found, "CLERK_JWT_KEY", isJwtKey);
  if (publishableKey && secretKey && publishableKey.slice(3, 8) !== secretKey.slice(3, 8)) {
    const expected = `a key of the same instance as CLERK_PUBLISHABLE_KEY, sk_${publishableKey.slice(3, 8)}…`;
    reader.wrong("CLERK_SECRET_KEY", "a key of another instance", expected);
  }
  const frontendApi = frontendApiOf(publishableKey) ?? "";
  return {
    kind: "clerk",
    publishableKey,
    secretKey,
    jwtKey,
    frontendApi,
    signInUrl: readSignInUrl(reader, frontendApi),
    authorizedParties: readOrigins(reader),
  };
}

/** The value is in no message: two of the three are secrets, and who mixes them up must not find one in the log. */
function needed(
  reader: ConfigReader,
  found: Readonly<Record<Key, string | undefined>>,
  name: Key,
  isRight: (value: string) => boolean,
): string {
  const value = found[name];
  if (value !== undefined && isRight(value)) return value;
  reader.wrong(name, value === undefined ? undefined : "something else", KEYS[name]);
  return "";
}

/** The host that a publishable key holds: `pk_live_` and base64 of `clerk.example.com$`. */
function frontendApiOf(publishableKey: string): string | null {
  const encoded = publishableKey.match(/^pk_(?:live|test)_([A-Za-z0-9+/=_-]+)$/)?.[1] ?? "";
  const host = Buffer.from(encoded, "base64").toString("latin1").match(/^([a-z0-9.-]+\.[a-z0-9-]+)\$$/)?.[1];
  return host ?? null;
}

/** What @clerk/backend understands: the public half only, of this size. */
function isJwtKey(pem: string): boolean {
  if (!/^-----BEGIN PUBLIC KEY-----\s[\s\S]*-----END PUBLIC KEY-----\s*$/.test(pem)) return false;
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    return false;
  }
  return key.asymmetricKeyType === "rsa" && key.asymmetricKeyDetails?.modulusLength === 2_048;
}

/** Clerk's own page, unless another one is named. */
function readSignInUrl(reader: ConfigReader, frontendApi: string): string {
  if (reader.text("CLERK_SIGN_IN_URL", "") !== "") return reader.url("CLERK_SIGN_IN_URL", ["https:", "http:"]);
  // clerk.example.com has accounts.example.com, and name.clerk.accounts.dev has name.accounts.dev.
  return `https://${frontendApi.replace(/\bclerk\.(accounts\.)?/, "accounts.")}/sign-in`;
}

function readOrigins(reader: ConfigReader): [string, ...string[]] {
  const text = reader.text("CLERK_AUTHORIZED_PARTIES", "");
  const [first, ...rest] = text.split(",").map((origin) => origin.trim());
  if (first && [first, ...rest].every((origin) => URL.parse(origin)?.origin === origin)) return [first, ...rest];
  reader.wrong("CLERK_AUTHORIZED_PARTIES", text, "origins such as https://example.com, with commas between them");
  return [""];
}
