/** Whether a request may come in. The edge has asked too, but not of those who come another way. */
import { createHash, timingSafeEqual } from "node:crypto";
import { verifyJwt } from "@clerk/backend/jwt";
import type { Logger } from "@platform/shared/log";
import { isLoopbackHost } from "@platform/shared/loopback";
import type { AuthConfig, ClerkConfig } from "./config.ts";

const CLOCK_SKEW_MS = 5_000;

/** Why a request may not come in; null if it may. */
export type Gate = (request: Request) => Promise<string | null>;

export function createGate(config: AuthConfig, log: Logger): Gate {
  switch (config.kind) {
    case "none":
      return async () => null;
    case "loopback":
      log.warn("no keys of Clerk: whoever is on this machine may use the API");
      return async (request) => {
        if (isService(request, config.serviceToken) || isLoopbackHost(request.headers.get("host"))) return null;
        return "the API has no keys of Clerk, and is for localhost only";
      };
    case "clerk":
      log.info({ issuer: config.issuer, origins: config.authorizedParties }, "session tokens of Clerk");
      return async (request) => (isService(request, config.serviceToken) ? null : problemOf(bearer(request), config));
  }
}

/** Only in this header: a cookie comes along with whatever a browser sends, whoever's page it shows. */
function bearer(request: Request): string | undefined {
  return request.headers.get("authorization")?.match(/^Bearer (\S+)$/)?.[1];
}

function isService(request: Request, expected: string | undefined): boolean {
  const given = bearer(request);
  return expected !== undefined && given !== undefined && timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

async function problemOf(token: string | undefined, config: ClerkConfig): Promise<string | null> {
  if (token === undefined) return "there is no token";
  const { jwtKey: key, issuer, authorizedParties } = config;
  const expected = { key, issuer, authorizedParties: [...authorizedParties], clockSkewInMs: CLOCK_SKEW_MS };
  try {
    const claims = await verifyJwt(token, expected);
    // Those of machines and of templates have no session.
    if (typeof claims.sid !== "string") return "it is no session token";
    // Of these nothing is said where they are missing.
    return claims.azp && algorithmOf(token) === "RS256" ? null : "it is not made for this";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function algorithmOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()).alg;
}
