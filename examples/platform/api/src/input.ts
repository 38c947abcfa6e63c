/** What clients send, checked. */

export const BODY_LIMIT_BYTES = 16 * 1024;
export const URL_LIMIT_CHARACTERS = 2_048;
const LIST_DEFAULT = 50;
const LIST_MAXIMUM = 200;

/** The request cannot be served as it is; becomes a 4xx answer. */
export class BadRequest extends Error {
  override readonly name = "BadRequest";
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

/** The URL of `{"url": "…"}`, normalized. Any content type will do: `curl -d` does not say JSON. @throws BadRequest */
export async function readJobRequest(request: Request): Promise<string> {
  const text = await readText(request);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new BadRequest("invalid_json", 'the body is not JSON; expected {"url": "https://…"}');
  }
  const url = typeof body === "object" && body !== null && "url" in body ? body.url : undefined;
  if (typeof url !== "string") throw new BadRequest("invalid_body", 'expected {"url": "https://…"} with a text');
  return parseUrl(url);
}

/** @throws BadRequest */
export function parseUrl(text: string): string {
  if (text.length > URL_LIMIT_CHARACTERS) {
    throw new BadRequest("invalid_url", `url has ${text.length} characters; at most ${URL_LIMIT_CHARACTERS} are allowed`);
  }
  const url = URL.parse(text);
  if (url === null) throw new BadRequest("invalid_url", "url is not a URL; expected https://host/path");
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new BadRequest("invalid_url", `url starts with ${url.protocol.slice(0, 40)}; only http: and https: are allowed`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new BadRequest("invalid_url", "url holds a user name or password; they would be stored and logged");
  }
  if (url.href.length > URL_LIMIT_CHARACTERS) {
    throw new BadRequest("invalid_url", `url has more than ${URL_LIMIT_CHARACTERS} characters when encoded`);
  }
  return url.href;
}

/** `?limit=`, 1 to 200. @throws BadRequest */
export function readLimit(request: Request): number {
  const found = new URL(request.url).searchParams.get("limit");
  if (found === null) return LIST_DEFAULT;
  const limit = /^\d{1,4}$/.test(found) ? Number(found) : 0;
  if (limit < 1 || limit > LIST_MAXIMUM) {
    throw new BadRequest("invalid_limit", `limit is not a whole number from 1 to ${LIST_MAXIMUM}`);
  }
  return limit;
}

async function readText(request: Request): Promise<string> {
  const tooLarge = () => new BadRequest("too_large", `the body is larger than ${BODY_LIMIT_BYTES} bytes`, 413);
  if (Number(request.headers.get("content-length") ?? 0) > BODY_LIMIT_BYTES) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  // A chunked body does not say its length.
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > BODY_LIMIT_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
