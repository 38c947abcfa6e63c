/** The pages that the browser tests open. */
import { createServer, type AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";

export interface Site {
  readonly url: string;
  readonly tlsUrl: string;
  /** A page that tries to reach others, in all the ways that a page has. */
  readonly probeUrl: string;
  /** What was reached that way. */
  reached(): readonly string[];
  stop(): Promise<void>;
}

const html = (body: string, status = 200) =>
  new Response(`<!doctype html>${body}`, { status, headers: { "content-type": "text/html; charset=utf-8" } });

export async function startSite(): Promise<Site> {
  const reached: string[] = [];
  const main = Bun.serve({ port: 0, hostname: "127.0.0.1", idleTimeout: 60, fetch: page });
  const tls = Bun.serve({ port: 0, hostname: "127.0.0.1", tls: selfSigned(), fetch: page });
  const other = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => {
      reached.push(request.url);
      return new Response("reached", { headers: { "access-control-allow-origin": "*" } });
    },
  });
  // For WebRTC: Chromium offers no loopback addresses to it, so this one is the machine's.
  const udp = await Bun.udpSocket({ socket: { data: () => void reached.push("UDP") } });
  const probeUrl = new URL(`http://127.0.0.1:${main.port}/probe`);
  probeUrl.searchParams.set("other", `localhost:${other.port}`);
  probeUrl.searchParams.set("udp", `${ownAddress()}:${udp.port}`);
  return {
    url: `http://127.0.0.1:${main.port}`,
    tlsUrl: `https://127.0.0.1:${tls.port}/`,
    probeUrl: probeUrl.href,
    reached: () => reached,
    stop: async () => {
      udp.close();
      await Promise.all([main, tls, other].map((server) => server.stop(true)));
    },
  };
}

function page(request: Request): Response | Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const to = searchParams.get("to") ?? "/";
  switch (pathname) {
    case "/":
      return html("<title>Hellö</title><h1>Works</h1><script>setTimeout(() => document.body.append('Built by a script'), 50)</script>");
    case "/missing":
      return html("<title>Gone</title>", 404);
    case "/redirect":
      return new Response(null, { status: 302, headers: { location: to } });
    case "/leave":
      return html(`<title>Leave</title><script>setTimeout(() => { location = ${JSON.stringify(to)}; }, 50)</script>`);
    case "/noisy":
      return html(`<title>Noisy</title>${"x".repeat(30_000)}<script>alert(1); confirm(2); open("/"); onbeforeunload = () => 1;</script>`);
    case "/download":
      return new Response("x", { headers: { "content-disposition": "attachment; filename=x.bin" } });
    case "/busy":
      return html("<title>Busy</title><script>onload = () => setTimeout(() => { for (;;); }, 10)</script>");
    case "/probe":
      return html(`<title>Probe</title><script>${probe(searchParams.get("other") ?? "", searchParams.get("udp") ?? "")}</script>`);
    case "/reset":
      return hangUp();
    default:
      return new Promise(() => undefined);
  }
}

function probe(other: string, udp: string): string {
  const urls = [`http://${other}/fetch`, `http://[::1]${other.slice("localhost".length)}/`, "http://169.254.169.254/"];
  return `
    for (const url of ${JSON.stringify(urls)}) fetch(url, { mode: "no-cors" }).catch(() => 0);
    new Image().src = "http://${other}/image";
    navigator.sendBeacon("http://${other}/beacon", "x");
    try { new WebSocket("ws://${other}/socket"); } catch {}
    const rtc = new RTCPeerConnection({ iceServers: [{ urls: "stun:${udp}" }] });
    rtc.createDataChannel("x");
    rtc.createOffer().then((offer) => rtc.setLocalDescription(offer));
    try { new EventSource("http://${other}/events"); } catch {}
    document.write('<iframe src="http://${other}/frame"></iframe><link rel="preconnect" href="http://${other}/">');`;
}

/** Redirects to a server that ends every connection without an answer. */
async function hangUp(): Promise<Response> {
  const server = createServer((socket) => socket.on("error", () => undefined).once("data", () => socket.destroy()));
  server.unref();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return new Response(null, { status: 302, headers: { location: `http://127.0.0.1:${port}/` } });
}

function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.1";
}

/** A certificate that no browser trusts. */
function selfSigned(): { cert: string; key: string } {
  const request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=127.0.0.1 -days 2 -keyout - -out -";
  const { stdout, success } = Bun.spawnSync(["openssl", ...request.split(" ")], { stderr: "ignore" });
  if (!success) throw new Error("openssl made no certificate");
  const [cert, key] = ["CERTIFICATE", "PRIVATE KEY"].map((kind) => pemBlock(stdout.toString(), kind));
  return { cert: cert ?? "", key: key ?? "" };
}

function pemBlock(text: string, kind: string): string {
  return new RegExp(`-----BEGIN ${kind}-----[^-]*-----END ${kind}-----`).exec(text)?.[0] ?? "";
}
