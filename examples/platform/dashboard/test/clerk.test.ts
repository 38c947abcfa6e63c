/** The dashboard with sessions of Clerk. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { ClerkGate } from "../src/auth/clerk.ts";
import { claims, clerkConfig, confusedToken, cookies, KEYS, makeKeys, now, ORIGIN, publishableKey, token, unsignedToken } from "./clerk.ts";
import { type Dashboard, startDashboard } from "./dashboard.ts";
import { fakeJob } from "./fake_api.ts";

let dashboard: Dashboard;
beforeAll(async () => {
  dashboard = await startDashboard({ gate: new ClerkGate(clerkConfig()) });
});
afterAll(() => dashboard.stop());
afterEach(() => {
  dashboard.api.jobs.length = 0;
  dashboard.api.requests.length = 0;
});

const NAVIGATION = { accept: "text/html,*/*;q=0.8", "sec-fetch-dest": "document", "sec-fetch-mode": "navigate" };
const HOST = { host: "jobs.example.com" };

function load(cookie: string | undefined, headers: Record<string, string> = {}, path = "/"): Promise<Response> {
  const all = { ...HOST, ...NAVIGATION, ...(cookie === undefined ? {} : { cookie }), ...headers };
  return dashboard.get(path, { headers: all, redirect: "manual" });
}

function ask(path: string, cookie: string | undefined, init: RequestInit = {}): Promise<Response> {
  const headers = { ...HOST, "sec-fetch-site": "same-origin", "sec-fetch-dest": "empty", ...(cookie === undefined ? {} : { cookie }) };
  return dashboard.get(path, { redirect: "manual", ...init, headers: { ...headers, ...(init.headers as object) } });
}

/** Where a page load is sent, without what differs from load to load. */
async function destination(cookie: string | undefined, headers?: Record<string, string>): Promise<string> {
  const response = await load(cookie, headers);
  if (response.status !== 307) return `status ${response.status}`;
  expect(response.headers.get("cache-control")).toBe("no-store");
  const url = new URL(response.headers.get("location") ?? "");
  return url.origin + url.pathname;
}

const PAGE = "status 200";
const SIGN_IN = "https://accounts.example.com/sign-in";
const HANDSHAKE = "https://clerk.example.com/v1/client/handshake";

// What came, where a page load ends, and what data routes answer.
const cases: [string, () => string | undefined, string, number][] = [
  ["a valid token", () => cookies(token()), PAGE, 200],
  ["a token that has just expired, within the clocks' skew", () => cookies(token(claims({ exp: now() - 3 }))), PAGE, 200],
  ["a token of the near future, within the clocks' skew", () => cookies(token(claims({ nbf: now() + 3, iat: now() + 3 }))), PAGE, 200],
  ["an expired token", () => cookies(token(claims({ exp: now() - 8 }))), HANDSHAKE, 401],
  ["a token that is not valid yet", () => cookies(token(claims({ nbf: now() + 60 }))), HANDSHAKE, 401],
  ["no token, of a browser that Clerk knows", () => cookies(undefined), HANDSHAKE, 401],
  ["a token that is older than the last sign-in", () => cookies(token(claims({ iat: now() - 100 })), { __client_uat: String(now() - 50) }), HANDSHAKE, 401],
  ["a token, after a sign-out", () => cookies(token(), { __client_uat: "0" }), HANDSHAKE, 401],
  ["nothing", () => undefined, SIGN_IN, 401],
  ["a token of the wrong issuer", () => cookies(token(claims({ iss: "https://clerk.evil.example" }))), SIGN_IN, 401],
  ["a token without an issuer", () => cookies(token(claims({ iss: undefined }))), SIGN_IN, 401],
  ["a token for the wrong authorized party", () => cookies(token(claims({ azp: "https://evil.example" }))), SIGN_IN, 401],
  ["a token without an authorized party", () => cookies(token(claims({ azp: undefined }))), SIGN_IN, 401],
  ["a token for a name that begins like ours", () => cookies(token(claims({ azp: `${ORIGIN}.evil.example` }))), SIGN_IN, 401],
  ["a token of the wrong key", () => cookies(token(claims(), makeKeys().privateKey)), SIGN_IN, 401],
  ["alg: none", () => cookies(unsignedToken()), SIGN_IN, 401],
  ["HS256 with the public key as its secret", () => cookies(confusedToken()), SIGN_IN, 401],
  ["RS256 changed to another algorithm", () => cookies(token(claims(), KEYS.privateKey, { alg: "RS512" })), SIGN_IN, 401],
  ["a token whose claims were changed", () => cookies(altered(token())), SIGN_IN, 401],
  ["a token of another kind, for machines", () => cookies(token(claims({ sub: "mch_1" }))), SIGN_IN, 401],
  ["a token of a template", () => cookies(token(claims(), KEYS.privateKey, { cat: "cl_B7d4PD222AAA" })), SIGN_IN, 401],
  ["no token at all", () => cookies("nonsense"), SIGN_IN, 401],
];

function altered(text: string): string {
  const [header, body = "", signature] = text.split(".");
  const changed = { ...JSON.parse(Buffer.from(body, "base64url").toString()), sub: "user_2" };
  return [header, Buffer.from(JSON.stringify(changed)).toString("base64url"), signature].join(".");
}

describe.each(cases)("%s", (_, cookie, page, status) => {
  test(`leads a page load to ${page}`, async () => {
    expect(await destination(cookie())).toBe(page);
  });

  test(`gets ${status} for data`, async () => {
    const job = fakeJob();
    dashboard.api.jobs.push(job);
    const answers = await Promise.all([
      ask("/session", cookie()),
      ask("/events", cookie(), { signal: AbortSignal.timeout(2_000) }),
      ask(`/jobs/${job.id}`, cookie()),
      ask(`/jobs/${job.id}/screenshot`, cookie()),
      ask("/jobs", cookie(), { method: "POST", body: '{"url": "https://example.com/"}', headers: { "content-type": "application/json" } }),
    ]);
    expect(answers.map((answer) => (answer.status === 202 ? 200 : answer.status))).toEqual(Array(5).fill(status));
    for (const answer of answers) {
      if (status === 401) expect(await answer.json()).toEqual({ error: { code: "no_session", message: expect.any(String) } });
      else await answer.body?.cancel();
    }
    if (status === 401) expect(dashboard.api.requests).toEqual([]);
  });
});

describe("without a session", () => {
  test.each(["/health", "/assets/nothing.js", "/nowhere"])("%s answers as always", async (path) => {
    expect((await ask(path, undefined)).status).toBe(path === "/health" ? 200 : 404);
  });

  test("there is no sign-in of the dashboard's own", async () => {
    for (const method of ["GET", "POST"]) expect((await ask("/sign-in", undefined, { method })).status).toBe(404);
  });

  test("a browser is not sent round in circles", async () => {
    let cookie = cookies(token(claims({ azp: "https://evil.example" })));
    const statuses = [];
    for (let load_ = 0; load_ < 4; load_ += 1) {
      const response = await load(cookie);
      statuses.push(response.status);
      const [counter] = response.headers.getSetCookie();
      if (counter !== undefined) cookie = `${cookie.replace(/; sign_in_tries=\d/, "")}; ${counter.split(";")[0]}`;
    }
    expect(statuses).toEqual([307, 307, 307, 403]);
    expect(dashboard.logs.at(-1)).toContain("token-invalid-authorized-parties");
  });

  test("a handshake that helps nothing ends at sign-in", async () => {
    const cookie = cookies(token(claims({ exp: now() - 60 })), { __clerk_redirect_count: "3" });
    expect(await destination(cookie)).toBe(SIGN_IN);
  });
});

describe("the way back", () => {
  const hosts: [string, Record<string, string>, string][] = [
    ["is the origin that was asked", {}, `${ORIGIN}/`],
    ["is another one that is allowed", { host: "127.0.0.1:3000" }, "http://127.0.0.1:3000/"],
    ["is never a host that is not allowed", { host: "evil.example" }, `${ORIGIN}/`],
    ["is never what a proxy's header says", { "x-forwarded-host": "evil.example", "x-forwarded-proto": "http" }, `${ORIGIN}/`],
  ];
  test.each(hosts)("%s", async (_, headers, expected) => {
    for (const cookie of [undefined, cookies(undefined)]) {
      const location = new URL((await load(cookie, headers)).headers.get("location") ?? "");
      expect(location.searchParams.get("redirect_url")).toBe(expected);
    }
  });

  test.each(["//evil.example", "/\\evil.example", "/%2f%2fevil.example", "/?redirect_url=https://evil.example"])("from %s leads nowhere else", async (path) => {
    const response = await load(undefined, {}, `${dashboard.url.origin}${path}`);
    const location = response.headers.get("location");
    if (location !== null) expect(new URL(location).searchParams.get("redirect_url")).toBe(`${ORIGIN}/`);
    else expect(response.status).toBe(404);
  });
});

describe("a handshake", () => {
  const SESSION = "__session";
  const handshake = (session: string) =>
    token({ handshake: [`${SESSION}=${session}; Path=/; Secure; SameSite=Lax`, `__client_uat=${now()}; Path=/`] });

  test("asks for a token, which is verified here, and no nonce, about which Clerk would have to be asked", async () => {
    const location = new URL((await load(cookies(undefined))).headers.get("location") ?? "");
    expect(location.searchParams.has("format")).toBe(false);
    expect(location.searchParams.get("__clerk_hs_reason")).toBe("client-uat-but-no-session-token");
  });

  test("that comes back with a session shows the page and sets its cookies", async () => {
    const fresh = token();
    const response = await load(cookies(token(claims({ exp: now() - 60 })), { __clerk_handshake: handshake(fresh) }));
    expect(response.status).toBe(200);
    expect(response.headers.getSetCookie()[0]).toStartWith(`${SESSION}=${fresh};`);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("that was signed by somebody else sets nothing", async () => {
    const forged = token({ handshake: [`${SESSION}=${token()}; Path=/`] }, makeKeys().privateKey);
    const response = await load(`__clerk_handshake=${forged}`);
    expect(response.status).toBe(307);
    expect(response.headers.getSetCookie().join()).not.toContain(SESSION);
  });

  test("is followed by the frame that renews sessions, and by no script", async () => {
    const old = cookies(token(claims({ exp: now() - 60 })));
    const frame = await load(old, { "sec-fetch-dest": "iframe" }, "/session");
    expect(frame.status).toBe(307);
    expect(new URL(frame.headers.get("location") ?? "").searchParams.get("redirect_url")).toBe(`${ORIGIN}/session`);
    const renewed = await load(cookies(token()), { "sec-fetch-dest": "iframe" }, "/session");
    expect(renewed.status).toBe(200);
    expect(renewed.headers.get("content-security-policy")).toContain("frame-ancestors 'self'; sandbox");
    expect((await load(undefined, { "sec-fetch-dest": "iframe" }, "/session")).status).toBe(401);
  });

  test("may pass through the page's frame, and nothing else may be there", async () => {
    const policy = (await load(cookies(token()))).headers.get("content-security-policy") ?? "";
    expect(policy.split("; ")).toContain("frame-src 'self' https://clerk.example.com");
    expect(policy.match(/https?:\/\/[^ ;]+/g)).toEqual(["https://clerk.example.com"]);
  });
});

test("cookies with the instance's suffix are the ones that count", async () => {
  const suffix = createHash("sha1").update(publishableKey()).digest("base64url").slice(0, 8);
  const of = (session: string) => `__session_${suffix}=${session}; __client_uat_${suffix}=${now() - 3_600}`;
  expect(await destination(of(token()))).toBe(PAGE);
  expect(await destination(`${of(token())}; __session=${token(claims({ iss: "https://clerk.other.example" }))}`)).toBe(PAGE);
  expect(await destination(of(token(claims(), makeKeys().privateKey)))).toBe(SIGN_IN);
});

test("a program may send the token as a header", async () => {
  expect((await ask("/session", undefined, { headers: { authorization: `Bearer ${token()}` } })).status).toBe(200);
  expect((await ask("/session", undefined, { headers: { authorization: `Bearer ${unsignedToken()}` } })).status).toBe(401);
});

test("a post needs both a session and our own page", async () => {
  const post = (headers: Record<string, string>) =>
    ask("/jobs", cookies(token()), { method: "POST", body: '{"url": "https://example.com/"}', headers: { "content-type": "application/json", ...headers } });
  expect((await post({ "sec-fetch-site": "cross-site" })).status).toBe(403);
  expect((await post({})).status).toBe(202);
});
