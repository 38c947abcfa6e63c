/**
 * Who may see the dashboard, as the environment says it. A missing key never opens anything: test sessions are there
 * only where AUTH allows them and no key at all is given.
 */
import { checkedKey, type ClerkKey, frontendApiOf, readAuthorizedParties } from "@platform/shared/clerk";
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
export function readAuth(reader: ConfigReader): AuthConfig {
  const mode = reader.choice("AUTH", MODES);
  const found: Record<ClerkKey, string | undefined> = {
    CLERK_PUBLISHABLE_KEY: reader.text("CLERK_PUBLISHABLE_KEY", "") || undefined,
    CLERK_SECRET_KEY: reader.secret("CLERK_SECRET_KEY"),
    CLERK_JWT_KEY: reader.secret("CLERK_JWT_KEY"),
  };
  const given = Object.values(found).some((value) => value !== undefined);
  if (mode === "none") return { kind: "none" };
  if (mode === "clerk-or-test" && !given) return { kind: "test" };
  return readClerk(reader, found);
}

function readClerk(reader: ConfigReader, found: Readonly<Record<ClerkKey, string | undefined>>): ClerkConfig {
  const publishableKey = checkedKey(reader, "CLERK_PUBLISHABLE_KEY", found.CLERK_PUBLISHABLE_KEY);
  const secretKey = checkedKey(reader, "CLERK_SECRET_KEY", found.CLERK_SECRET_KEY);
  const jwtKey = checkedKey(reader, "CLERK_JWT_KEY", found.CLERK_JWT_KEY);
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
    authorizedParties: readAuthorizedParties(reader),
  };
}

/** Clerk's own page, unless another one is named. */
function readSignInUrl(reader: ConfigReader, frontendApi: string): string {
  if (reader.text("CLERK_SIGN_IN_URL", "") !== "") return reader.url("CLERK_SIGN_IN_URL", ["https:", "http:"]);
  // clerk.example.com has accounts.example.com, and name.clerk.accounts.dev has name.accounts.dev.
  return `https://${frontendApi.replace(/\bclerk\.(accounts\.)?/, "accounts.")}/sign-in`;
}
