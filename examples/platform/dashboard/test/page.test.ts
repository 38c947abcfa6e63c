/** What can be said about the page without a browser. */
import { describe, expect, test } from "bun:test";
import { Glob } from "bun";
import { buildAssets } from "../src/assets.ts";

const CLIENT = `${import.meta.dir}/../src/client`;
const assets = await buildAssets(`at<las> & "co"`, "8080");
const sources = await Promise.all(
  [...new Glob("*.ts").scanSync(CLIENT)].map(async (name) => [name, await Bun.file(`${CLIENT}/${name}`).text()] as const),
);

describe("the page", () => {
  test("escapes the platform's name", () => {
    expect(assets.page.plain).toContain("<title>at&lt;las&gt; &amp; &quot;co&quot; · Jobs</title>");
    expect(assets.page.plain).not.toContain("at<las>");
    expect(assets.page.plain).not.toContain("{{");
  });

  test("has no inline script, style or handler: the policy would stop them", () => {
    expect(assets.page.plain.match(/<script\b[^>]*>/g)).toEqual([expect.stringContaining('src="/assets/main.')]);
    expect(assets.page.plain).not.toMatch(/<style\b|\sstyle=|\son\w+=/i);
  });

  test("asks no other origin for anything", () => {
    const texts = [assets.page.plain, ...[...assets.files.values()].map((file) => file.body.plain)];
    for (const text of texts) {
      expect(text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
      expect(text).not.toMatch(/@import|url\(/);
    }
  });

  test("labels its controls and regions", () => {
    expect(assets.page.plain).toContain('<html lang="en"');
    expect(assets.page.plain).toContain('<label for="url"');
    for (const button of assets.page.plain.match(/<button\b.*?<\/button>/gs) ?? []) {
      expect(button).toMatch(/aria-label="\w|<span>\w|>\w[^<]*<\/button>/);
    }
    for (const image of assets.page.plain.match(/<img\b[^>]*>/g) ?? []) expect(image).toContain("alt=");
  });

  test("changes its build whenever anything in it does", async () => {
    const same = await buildAssets(`at<las> & "co"`, "8080");
    const other = await buildAssets("atlas", "8080");
    expect(same.build).toBe(assets.build);
    expect(other.build).not.toBe(assets.build);
  });
});

describe("the client", () => {
  test("is bundled into one script without imports", () => {
    const [script] = [...assets.files].filter(([name]) => name.endsWith(".js"));
    expect(script?.[1].body.plain).not.toMatch(/\bimport\b|\brequire\(/);
  });

  test.each(sources)("%s never turns text into markup or code", (_, text) => {
    expect(text).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|setHTMLUnsafe|document\.write|createContextualFragment|DOMParser|srcdoc|\beval\b|new Function/,
    );
  });

  test("finds every part of the page that it asks for", () => {
    for (const [, text] of sources) {
      for (const [, id] of text.matchAll(/(?:byId|cloneTemplate)\("([\w-]+)"/g)) expect(assets.page.plain).toContain(`id="${id}"`);
      for (const [, name] of text.matchAll(/field\([\w.#]+, "([\w-]+)"/g)) {
        expect(assets.page.plain).toContain(`data-field="${name}"`);
      }
    }
  });
});
