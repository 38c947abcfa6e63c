/** The keys of an instance of Clerk, as the environment has them. */
import { createPublicKey, type KeyObject } from "node:crypto";
import type { ConfigReader } from "./config.ts";

interface Rule {
  readonly expected: string;
  isRight(value: string): boolean;
}

const KEYS = {
  CLERK_PUBLISHABLE_KEY: {
    expected: "the instance's publishable key, pk_live_… or pk_test_…",
    isRight: (key: string) => frontendApiOf(key) !== null,
  },
  CLERK_SECRET_KEY: {
    expected: "the instance's secret key, sk_live_… or sk_test_…",
    isRight: (key: string) => /^sk_(live|test)_\S+$/.test(key),
  },
  CLERK_JWT_KEY: { expected: "the instance's JWT public key, PEM, RSA with 2048 bits", isRight: isJwtKey },
} as const satisfies Record<string, Rule>;

export type ClerkKey = keyof typeof KEYS;

/** The value is in no message: two of the three are secrets, and who mixes them up must not find one in the log. */
export function checkedKey(reader: ConfigReader, name: ClerkKey, value: string | undefined): string {
  const { expected, isRight } = KEYS[name];
  if (value !== undefined && isRight(value)) return value;
  reader.wrong(name, value === undefined ? undefined : "something else", expected);
  return "";
}

/** The host that a publishable key holds: `pk_live_` and base64 of `clerk.example.com$`. */
export function frontendApiOf(publishableKey: string): string | null {
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

/** The origins that tokens may have been made for. */
export function readAuthorizedParties(reader: ConfigReader): [string, ...string[]] {
  const text = reader.text("CLERK_AUTHORIZED_PARTIES", "");
  const [first, ...rest] = text.split(",").map((origin) => origin.trim());
  if (first && [first, ...rest].every((origin) => URL.parse(origin)?.origin === origin)) return [first, ...rest];
  reader.wrong("CLERK_AUTHORIZED_PARTIES", text, "origins such as https://example.com, with commas between them");
  return [""];
}
