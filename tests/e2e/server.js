// What the fetcher visits in the tests: pages in one flat colour, and a few that look like pages of the world.
const flat = (title) => `<!doctype html><title>${title}</title>
<style>body{margin:0;background:rgb(18,140,90);color:white;font:48px sans-serif}</style><h1>${title}</h1>
<p>The quick brown fox.</p>`;

const hero = (title, from, to) => `<!doctype html><title>${title}</title>
<style>body{margin:0;height:800px;display:grid;place-content:center;text-align:center;color:white;
font:600 28px Inter,sans-serif;background:linear-gradient(135deg,${from},${to})}h1{font-size:96px;margin:0 0 16px}</style>
<h1>${title}</h1><p>Made once, served everywhere.</p>`;

const article = (title) => `<!doctype html><title>${title}</title>
<style>body{margin:0 auto;padding:90px 0;width:760px;background:#fbf8f1;color:#2b2a27;font:24px/1.6 serif}
h1{font-size:64px;line-height:1.1}p:first-of-type::first-letter{font-size:76px;float:left;line-height:1;margin-right:10px}</style>
<h1>${title}</h1><p>${"A queue holds what is not done yet, and a good one forgets nothing of it. ".repeat(9)}</p>`;

const manual = (title) => `<!doctype html><title>${title}</title>
<style>body{margin:0;display:grid;grid-template-columns:300px 1fr;height:800px;font:22px Inter,sans-serif;color:#1f2937}
nav{background:#f3f4f6;padding:48px 32px;line-height:2.2}main{padding:48px 72px}h1{font-size:56px}
pre{background:#0f172a;color:#e2e8f0;padding:32px;border-radius:12px;font-size:22px;line-height:1.6}</style>
<nav><b>Guide</b><br>Start<br>Catalog<br>Services<br>Tasks<br>Stores</nav>
<main><h1>${title}</h1><p>Three steps, one file.</p><pre>platform:
  services:
    greeter:
      port: 8090
      uses: [redis]</pre></main>`;

const GALLERY = {
  "/gallery/launch": () => hero("Launch day", "#4338ca", "#db2777"),
  "/gallery/queues": () => article("On queues, and what they remember"),
  "/gallery/manual": () => manual("Getting started"),
  "/gallery/weather": () => hero("21° and clear", "#0ea5e9", "#fde68a"),
  "/gallery/night": () => hero("Night build", "#020617", "#1e3a8a"),
  "/gallery/letters": () => article("Letters to a young cache"),
  "/gallery/reference": () => manual("Reference"),
};

Bun.serve({
  port: 8000,
  hostname: "0.0.0.0",
  idleTimeout: 60,
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/slow/")) await Bun.sleep(2000);
    if (pathname === "/to-redis") return Response.redirect("http://redis:26379/", 302);
    const page = GALLERY[pathname] ?? (() => flat(`Page ${pathname}`));
    return new Response(page(), { headers: { "content-type": "text/html; charset=utf-8" } });
  },
});
console.log("ready");
