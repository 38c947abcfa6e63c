/** The one JSON document that the fetcher prints and the worker reads. */

export interface FetchedPage {
  readonly ok: true;
  readonly title: string;
  readonly text: string;
  /** base64 of a WebP or JPEG image */
  readonly screenshot: string;
  readonly finalUrl: string;
  /** of the HTTP response */
  readonly status: number;
  readonly milliseconds: number;
}

export interface FetchFailure {
  readonly ok: false;
  readonly error: FetchError;
}

export interface FetchError {
  readonly code: string;
  readonly message: string;
  /** Trying again cannot help. */
  readonly permanent: boolean;
}

export type FetchResult = FetchedPage | FetchFailure;

/** The document is not one; the message names the field. */
export class MalformedResult extends Error {
  override readonly name = "MalformedResult";
}

type Fields = Readonly<Record<string, unknown>>;

/** The fetcher works on hostile pages, so its answer is checked like any other input. @throws MalformedResult */
export function parseFetchResult(document: string): FetchResult {
  let value: unknown;
  try {
    value = JSON.parse(document);
  } catch {
    throw new MalformedResult("the result is not JSON");
  }
  const fields = object(value, "the result");
  if (fields.ok === true) return page(fields);
  if (fields.ok === false) return { ok: false, error: failure(object(fields.error, "error")) };
  throw new MalformedResult("ok is not true or false");
}

function page(fields: Fields): FetchedPage {
  const screenshot = text(fields, "screenshot");
  if (imageType(Buffer.from(screenshot, "base64")) === null) {
    throw new MalformedResult("screenshot is not a WebP or JPEG image in base64");
  }
  return {
    ok: true,
    title: text(fields, "title"),
    text: text(fields, "text"),
    screenshot,
    finalUrl: text(fields, "finalUrl"),
    status: whole(fields, "status"),
    milliseconds: whole(fields, "milliseconds"),
  };
}

function failure(fields: Fields): FetchError {
  return { code: text(fields, "code"), message: text(fields, "message"), permanent: fields.permanent === true };
}

function object(value: unknown, name: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MalformedResult(`${name} is not an object`);
  }
  return value as Fields;
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== "string") throw new MalformedResult(`${name} is not text`);
  return value;
}

function whole(fields: Fields, name: string): number {
  const value = fields[name];
  if (!Number.isSafeInteger(value) || Number(value) < 0) throw new MalformedResult(`${name} is not a whole number`);
  return Number(value);
}

/** The media type by the file's first bytes; null for anything but WebP and JPEG. */
export function imageType(bytes: Uint8Array): "image/webp" | "image/jpeg" | null {
  const ascii = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (ascii(0, 4) === "RIFF" && ascii(8, 12) === "WEBP") return "image/webp";
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return "image/jpeg";
  return null;
}
