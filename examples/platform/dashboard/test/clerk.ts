/** An instance of Clerk as far as a dashboard sees it. */
import { FRONTEND_API, KEYS, ORIGIN, publishableKey } from "../../shared/test/clerk.ts";
import type { ClerkConfig } from "../src/auth/config.ts";

export * from "../../shared/test/clerk.ts";

export const SECRET_KEY = "sk_live_c4n4ryTh4tIsInNoLog";

export function clerkConfig(changes: Partial<ClerkConfig> = {}): ClerkConfig {
  return {
    kind: "clerk",
    publishableKey: publishableKey(),
    secretKey: SECRET_KEY,
    jwtKey: KEYS.pem,
    frontendApi: FRONTEND_API,
    signInUrl: "https://accounts.example.com/sign-in",
    authorizedParties: [ORIGIN, "http://127.0.0.1:3000"],
    ...changes,
  };
}
