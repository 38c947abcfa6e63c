/**
 * Who may use the API, as the environment says it. A missing key opens nothing but what AUTH allows, and that under
 * loopback names only.
 */
import { checkedKey, frontendApiOf, readAuthorizedParties } from "@platform/shared/clerk";
import type { ConfigReader } from "@platform/shared/config";

export type AuthConfig =
  /** Whoever reaches the API may use it. */
  | { readonly kind: "none" }
  /** Session tokens of Clerk. */
  | ClerkConfig
  /** Whoever comes by a loopback name. */
  | { readonly kind: "loopback"; readonly serviceToken: string | undefined };

export interface ClerkConfig {
  readonly kind: "clerk";
  /** PEM. */
  readonly jwtKey: string;
  /** Who issues the tokens. */
  readonly issuer: string;
  /** Origins that a token may be made for. Never empty. */
  readonly authorizedParties: readonly [string, ...string[]];
  /** That of the platform's own services, which have no sessions. */
  readonly serviceToken: string | undefined;
}

const MODES = ["none", "clerk", "clerk-or-test"] as const;

export function readAuth(reader: ConfigReader): AuthConfig {
  // Without a route nobody is led here, and nothing is said.
  const mode = reader.choice("AUTH", MODES, "none");
  if (mode === "none") return { kind: "none" };
  const publishable = reader.text("CLERK_PUBLISHABLE_KEY", "") || undefined;
  const jwt = reader.secret("CLERK_JWT_KEY");
  const serviceToken = reader.secret("API_TOKEN");
  if (mode === "clerk-or-test" && publishable === undefined && jwt === undefined) return { kind: "loopback", serviceToken };
  const frontendApi = frontendApiOf(checkedKey(reader, "CLERK_PUBLISHABLE_KEY", publishable)) ?? "";
  return {
    kind: "clerk",
    jwtKey: checkedKey(reader, "CLERK_JWT_KEY", jwt),
    issuer: `https://${frontendApi}`,
    authorizedParties: readAuthorizedParties(reader),
    serviceToken,
  };
}
