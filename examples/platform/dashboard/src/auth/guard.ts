/** What becomes of a request without a session: pages lead to sign-in, data is refused. */
import type { Logger } from "@platform/shared/log";
import { problem } from "../answers.ts";
import { FRAMED_POLICY, PAGE_HEADERS } from "../security.ts";
import type { Admission, Gate } from "./gate.ts";

type Handler<R extends Request, A extends unknown[]> = (request: R, ...rest: A) => Response | Promise<Response>;
type Guarded<R extends Request, A extends unknown[]> = (request: R, ...rest: A) => Promise<Response>;
type Unknown = Extract<Admission, { kind: "unknown" }>;
type None = Extract<Admission, { kind: "none" }>;

/** Counts how often a browser was just sent to sign-in, so that a mistake in the settings does not send it in circles. */
const TRIES = "sign_in_tries";
const MAX_TRIES = 3;
const TRIES_SECONDS = 10;

export class Guard {
  readonly #gate: Gate | undefined;
  readonly #log: Logger;

  /** Without a gate everybody is let through. */
  constructor(gate: Gate | undefined, log: Logger) {
    this.#gate = gate;
    this.#log = log;
  }

  /** For what a browser shows. Never a blunt 401: an old token is no sign of a stranger. */
  page<R extends Request, A extends unknown[]>(handler: Handler<R, A>): Guarded<R, A> {
    return this.#guarded(handler, handshake, (request, none) => this.#toSignIn(request, none));
  }

  /** For what scripts ask for: a redirect to another origin would not help them. */
  data<R extends Request, A extends unknown[]>(handler: Handler<R, A>): Guarded<R, A> {
    const refuse = (_: Request, { reason }: Unknown | None) => this.#refuse(reason);
    return this.#guarded(handler, refuse, refuse);
  }

  /** For the frame in which the page has a session renewed: it follows a handshake, and shows no sign-in. */
  renewal<R extends Request, A extends unknown[]>(handler: Handler<R, A>): Guarded<R, A> {
    const guarded = this.#guarded(handler, handshake, (_, { reason }) => this.#refuse(reason));
    return async (request, ...rest) => {
      const response = await guarded(request, ...rest);
      response.headers.set("content-security-policy", FRAMED_POLICY);
      return response;
    };
  }

  #guarded<R extends Request, A extends unknown[]>(
    handler: Handler<R, A>,
    unknown: (request: Request, admission: Unknown) => Response,
    none: (request: Request, admission: None) => Response,
  ): Guarded<R, A> {
    return async (request, ...rest) => {
      const admission = await this.#gate?.admit(request);
      switch (admission?.kind) {
        case undefined:
          return handler(request, ...rest);
        case "session":
          return withCookies(await handler(request, ...rest), admission.cookies);
        case "unknown":
          return unknown(request, admission);
        case "none":
          return none(request, admission);
        case "refused":
          return problem(403, admission.message, "refused");
      }
    };
  }

  #refuse(reason: string): Response {
    this.#log.debug({ reason }, "no session");
    return problem(401, "there is no session, or it has ended", "no_session");
  }

  #toSignIn(request: Request, { signIn, reason, cookies }: None): Response {
    const tries = Number(new Bun.CookieMap(request.headers.get("cookie") ?? "").get(TRIES)) || 0;
    if (tries >= MAX_TRIES) {
      this.#log.warn({ reason }, "signing in leads to no session");
      return problem(403, `signing in leads to no session here: ${reason}`, "no_session");
    }
    this.#log.info({ reason }, "sent to sign-in");
    const counter = `${TRIES}=${tries + 1}; Path=/; Max-Age=${TRIES_SECONDS}; HttpOnly; SameSite=Lax`;
    return redirect(307, signIn, [...cookies, counter]);
  }
}

function handshake(_: Request, { location, cookies }: Unknown): Response {
  return redirect(307, location, cookies);
}

/** Kept by nobody: a browser that remembered it would never come back in. */
export function redirect(status: 303 | 307, location: string, cookies: readonly string[]): Response {
  const headers = new Headers({ ...PAGE_HEADERS, location, "cache-control": "no-store" });
  for (const cookie of cookies) headers.append("set-cookie", cookie);
  return new Response(null, { status, headers });
}

function withCookies(response: Response, cookies: readonly string[]): Response {
  if (cookies.length === 0) return response;
  for (const cookie of cookies) response.headers.append("set-cookie", cookie);
  response.headers.set("cache-control", "no-store");
  return response;
}
