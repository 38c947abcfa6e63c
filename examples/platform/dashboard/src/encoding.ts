/** Texts in the content codings that browsers accept (RFC 9110, section 12.5.3), compressed once and sent often. */
import { brotliCompressSync, constants } from "node:zlib";

/** The best first. */
const CODINGS = ["br", "gzip"] as const;
export type Coding = (typeof CODINGS)[number];

export interface Encoded {
  readonly plain: string;
  readonly br: Uint8Array<ArrayBuffer>;
  readonly gzip: Uint8Array<ArrayBuffer>;
}

export function encode(plain: string): Encoded {
  const bytes = Buffer.from(plain);
  const br = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  return { plain, br: new Uint8Array(br), gzip: Bun.gzipSync(bytes, { level: 9 }) };
}

/** The answer in the best coding that the request accepts. */
export function encodedResponse(request: Request, { plain, ...coded }: Encoded, headers: Readonly<Record<string, string>>): Response {
  const coding = bestCoding(request.headers.get("accept-encoding") ?? "");
  // A cache on the way must keep the codings apart.
  const all = { ...headers, vary: "accept-encoding" };
  if (coding === null) return new Response(plain, { headers: all });
  return new Response(coded[coding], { headers: { ...all, "content-encoding": coding } });
}

/** @param accepted such as `gzip, br;q=0.5, *;q=0` */
export function bestCoding(accepted: string): Coding | null {
  const refused = new Set<string>();
  const named = new Set<string>();
  for (const item of accepted.toLowerCase().split(",")) {
    const [name = "", ...parameters] = item.split(";").map((part) => part.trim());
    const isRefused = parameters.some((parameter) => /^q=0(\.0{0,3})?$/.test(parameter));
    (isRefused ? refused : named).add(name);
  }
  return CODINGS.find((coding) => !refused.has(coding) && (named.has(coding) || named.has("*"))) ?? null;
}
