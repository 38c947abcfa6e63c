/** Request bodies: of bounded size, and read within a bounded time. */
import { Refusal } from "./refusal.ts";

export const BODY_BYTES = 64 * 1024;
export const BODY_MS = 10_000;

type Reader = Pick<ReadableStreamDefaultReader<Uint8Array>, "read">;

function tooLarge(): Refusal {
  return new Refusal(413, `the body is larger than ${BODY_BYTES} bytes; ${BODY_BYTES} are allowed`);
}

function deadline(milliseconds: number): { readonly passed: Promise<never>; readonly clear: () => void } {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = new Refusal(400, `the body did not arrive within ${milliseconds / 1000} s`);
  const timer = setTimeout(() => reject(late), milliseconds);
  return { passed: promise, clear: () => clearTimeout(timer) };
}

async function readAll(reader: Reader, passed: Promise<never>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await Promise.race([reader.read(), passed]);
    if (done) return Buffer.concat(chunks);
    size += value.byteLength;
    if (size > BODY_BYTES) throw tooLarge();
    chunks.push(value);
  }
}

/**
 * Reads the body of a request as text.
 * @throws Refusal when it is larger than BODY_BYTES (413), late or not UTF-8 (400).
 */
export async function readBody(request: Request, milliseconds = BODY_MS): Promise<string> {
  if (Number(request.headers.get("Content-Length") ?? 0) > BODY_BYTES) throw tooLarge();
  if (request.body === null) return "";
  const reader = request.body.getReader();
  const { passed, clear } = deadline(milliseconds);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await readAll(reader, passed));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(400, "the body is not UTF-8 text or broke off");
  } finally {
    clear();
    // Not awaited: a sender that stays silent would hold it up.
    reader.cancel().catch(() => undefined);
  }
}
