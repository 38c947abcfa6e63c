/** The headless browser: sandboxed, and with no way out but the proxy. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type Browser } from "puppeteer-core";

export const VIEWPORT = { width: 1280, height: 800 };

export interface RunningBrowser {
  readonly browser: Browser;
  /** Ends it at once and removes its files. */
  kill(): Promise<void>;
}

/** @param proxyPort of the egress proxy on 127.0.0.1 @throws Error if it does not start within `limitMs` */
export async function launchBrowser(executablePath: string, proxyPort: number, limitMs: number): Promise<RunningBrowser> {
  const home = await mkdtemp(join(tmpdir(), "browser-"));
  const browser = await puppeteer.launch({
    executablePath,
    // Over a pipe there is no debugging port that a page could find.
    pipe: true,
    headless: "shell",
    userDataDir: join(home, "profile"),
    env: { HOME: home, TMPDIR: home, LANG: "C.UTF-8" },
    args: switches(proxyPort),
    defaultViewport: VIEWPORT,
    downloadBehavior: { policy: "deny" },
    timeout: limitMs,
    protocolTimeout: limitMs,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  const kill = async () => {
    const child = browser.process();
    const gone = new Promise((resolve) => child?.once("exit", resolve));
    if (child?.kill("SIGKILL")) await gone;
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  };
  return { browser, kill };
}

// Peter Beverloo keeps a list of all switches: https://peter.sh/experiments/chromium-command-line-switches/
function switches(proxyPort: number): string[] {
  return [
    `--proxy-server=http://127.0.0.1:${proxyPort}`,
    // Also what is on the loopback interface goes to the proxy, which refuses it.
    "--proxy-bypass-list=<-loopback>",
    // Names are the proxy's matter: the browser itself resolves none.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    // UDP does not go through a proxy.
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--dns-prefetch-disable",
    "--no-pings",
    "--no-first-run",
    "--disable-breakpad",
    "--disable-gpu",
    "--deny-permission-prompts",
  ];
}
