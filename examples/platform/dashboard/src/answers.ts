/** Answers of JSON. */
import { DATA_HEADERS } from "./security.ts";

/** @param code for programs that can do something about it; `message` is for people */
export function problem(status: number, message: string, code?: string): Response {
  return json({ error: { ...(code === undefined ? {} : { code }), message } }, status);
}

export function json(body: unknown, status = 200): Response {
  const headers = { ...DATA_HEADERS, "cache-control": "no-store" };
  return Response.json(body, { status, headers });
}

/** For a path that leads nowhere. */
export function nothingHere(): Response {
  return problem(404, "there is nothing here");
}
