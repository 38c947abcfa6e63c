/** The sign-in page of test sessions; Clerk has its own. */
import { nothingHere, problem } from "../answers.ts";
import { type Encoded, encodedResponse } from "../encoding.ts";
import { isSameOrigin, PAGE_HEADERS } from "../security.ts";
import { redirect } from "./guard.ts";
import type { TestGate } from "./test_session.ts";

export function serveSignIn(request: Request, gate: TestGate | undefined, page: Encoded): Response {
  const refused = impossible(request, gate);
  if (refused !== null) return refused;
  return encodedResponse(request, page, { ...PAGE_HEADERS, "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
}

/** Always leads to the jobs: there is no address in the request that could lead elsewhere. */
export async function signIn(request: Request, gate: TestGate | undefined): Promise<Response> {
  const refused = impossible(request, gate);
  if (refused !== null || gate === undefined) return refused ?? nothingHere();
  if (!isSameOrigin(request)) return problem(403, "test sessions begin on the dashboard's own page only", "refused");
  return redirect(303, "/", [await gate.cookie()]);
}

function impossible(request: Request, gate: TestGate | undefined): Response | null {
  if (gate === undefined) return nothingHere();
  const refusal = gate.refusal(request);
  return refusal === null ? null : problem(403, refusal, "refused");
}
