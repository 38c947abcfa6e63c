/**
 * Sessions of Clerk. A token is verified with the instance's public key that the program has, so nothing here calls
 * anybody. Tokens live for a minute; a browser with an old one is sent through Clerk's handshake, which gives it a new one.
 */
import { type CreateAuthenticateRequestOptions, createAuthenticateRequest } from "@clerk/backend/internal";
import type { ClerkConfig } from "./config.ts";
import type { Admission, Gate } from "./gate.ts";

const CLOCK_SKEW_MS = 5_000;
/**
 * Without a client of Clerk's Backend API there is no way to call it, also not to exchange `__refresh` cookies: which is
 * why this is not Clerk's createClerkClient, which always has one.
 */
const NO_CLIENT = undefined as unknown as CreateAuthenticateRequestOptions["apiClient"];
/** A handshake's result is either a signed token, or a nonce that the Backend API would have to be asked about. */
const FORMAT = "format";
const DEV_BROWSER = "__clerk_db_jwt";
// What a client says about the address that it used. Only the Host decides, and only among those that are allowed.
const OF_THE_ADDRESS = ["host", "x-forwarded-host", "x-forwarded-proto", "cloudfront-forwarded-proto"];

export class ClerkGate implements Gate {
  readonly frameSources: readonly string[];
  readonly #config: ClerkConfig;
  readonly #authenticate: ReturnType<typeof createAuthenticateRequest>["authenticateRequest"];

  constructor(config: ClerkConfig) {
    this.#config = config;
    this.frameSources = [`https://${config.frontendApi}`];
    const { jwtKey, publishableKey, secretKey } = config;
    const options = { jwtKey, publishableKey, secretKey };
    this.#authenticate = createAuthenticateRequest({ options, apiClient: NO_CLIENT }).authenticateRequest;
  }

  async admit(request: Request): Promise<Admission> {
    const origin = this.#originOf(request);
    try {
      const state = await this.#authenticate(atOrigin(request, origin), {
        issuer: `https://${this.#config.frontendApi}`,
        authorizedParties: [...this.#config.authorizedParties],
        clockSkewInMs: CLOCK_SKEW_MS,
      });
      const cookies = state.headers.getSetCookie();
      const location = state.headers.get("location");
      const reason = state.reason ?? "";
      // Also of a session that was found: the tokens of development instances are in the address, and have to leave it.
      if (location !== null) return { kind: "unknown", location: withTokenFormat(location), reason, cookies };
      if (state.isAuthenticated && state.toAuth().isAuthenticated) return { kind: "session", cookies };
      return { kind: "none", signIn: this.#signIn(origin, request), reason, cookies };
    } catch (error) {
      // A handshake's token that is not one of this instance's.
      const reason = error instanceof Error ? error.message : String(error);
      return { kind: "none", signIn: this.#signIn(origin, request), reason, cookies: [] };
    }
  }

  /** The allowed origin with the request's Host, else the first one: nobody can be sent back to anywhere else. */
  #originOf(request: Request): string {
    const { authorizedParties } = this.#config;
    const host = request.headers.get("host");
    return authorizedParties.find((origin) => new URL(origin).host === host) ?? authorizedParties[0];
  }

  #signIn(origin: string, request: Request): string {
    const url = new URL(this.#config.signInUrl);
    url.searchParams.set("redirect_url", `${origin}/`);
    // Development instances have no cookies of their own at Clerk.
    const browser = new Bun.CookieMap(request.headers.get("cookie") ?? "").get(DEV_BROWSER);
    if (browser && this.#config.publishableKey.startsWith("pk_test_")) url.searchParams.set(DEV_BROWSER, browser);
    return url.href;
  }
}

/** The same request, as if it had been made under this origin. */
function atOrigin(request: Request, origin: string): Request {
  const { pathname, search } = new URL(request.url);
  const headers = new Headers(request.headers);
  for (const name of OF_THE_ADDRESS) headers.delete(name);
  const url = new URL(origin);
  url.pathname = pathname;
  url.search = search;
  return new Request(url, { method: request.method, headers });
}

function withTokenFormat(location: string): string {
  const url = new URL(location);
  if (url.pathname.endsWith("/v1/client/handshake")) url.searchParams.delete(FORMAT);
  return url.href;
}
