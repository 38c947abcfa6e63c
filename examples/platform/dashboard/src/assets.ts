/**
 * The page and its files, all of them text inside this program: it needs no files beside it, and `bun --hot` sees
 * every edit. The client's modules are joined by Bun's bundler at start (a few milliseconds, in memory).
 */
import board from "#text/board.ts" with { type: "text" };
import card from "#text/card.ts" with { type: "text" };
import detailStyle from "#text/detail.css" with { type: "text" };
import detail from "#text/detail.ts" with { type: "text" };
import dom from "#text/dom.ts" with { type: "text" };
import form from "#text/form.ts" with { type: "text" };
import format from "#text/format.ts" with { type: "text" };
import icon from "#text/icon.svg" with { type: "text" };
import main from "#text/main.ts" with { type: "text" };
import page from "#text/page.html" with { type: "text" };
import session from "#text/session.ts" with { type: "text" };
import signIn from "#text/sign_in.html" with { type: "text" };
import stream from "#text/stream.ts" with { type: "text" };
import style from "#text/style.css" with { type: "text" };
import { type Encoded, encode } from "./encoding.ts";

export interface Asset {
  readonly type: string;
  readonly body: Encoded;
}

export interface Assets {
  readonly page: Encoded;
  readonly signIn: Encoded;
  /** By file name; the name holds a hash of the content. */
  readonly files: ReadonlyMap<string, Asset>;
  /** Names this state of all files together. */
  readonly build: string;
}

export async function buildAssets(platformName: string, apiPort: string): Promise<Assets> {
  const files = new Map<string, Asset>();
  const add = (name: string, extension: string, type: string, body: string): string => {
    const file = `${name}.${hash(body)}.${extension}`;
    files.set(file, { type, body: encode(body) });
    return `/assets/${file}`;
  };
  const values = {
    style: add("style", "css", "text/css; charset=utf-8", style + detailStyle),
    icon: add("icon", "svg", "image/svg+xml", icon),
    script: add("main", "js", "text/javascript; charset=utf-8", await bundleClient()),
    name: platformName,
    apiPort,
  };
  // The page names its files by their hashes, so its own hash covers everything.
  const build = hash(fill(page, { ...values, build: "" }));
  return { page: encode(fill(page, { ...values, build })), signIn: encode(fill(signIn, values)), files, build };
}

async function bundleClient(): Promise<string> {
  const modules = { board, card, detail, dom, form, format, main, session, stream };
  const files = Object.entries(modules).map(([name, text]) => [`/client/${name}.ts`, text]);
  const { outputs } = await Bun.build({
    entrypoints: ["/client/main.ts"],
    files: Object.fromEntries(files) as Record<string, string>,
    target: "browser",
    minify: true,
  });
  const [script] = outputs;
  if (script === undefined) throw new Error("the client script was not built");
  return script.text();
}

/** Replaces each `{{name}}` by its value, escaped for text and attributes. */
function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the page names an unknown value: ${name}`);
    return Bun.escapeHTML(value);
  });
}

function hash(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("hex").slice(0, 12);
}
