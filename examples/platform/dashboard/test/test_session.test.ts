/** The dashboard without keys of Clerk, on the machine of whoever works on it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { makeTestKey, sign, TestGate, type TestKey } from "../src/auth/test_session.ts";
import { confusedToken, token, unsignedToken } from "./clerk.ts";
import { type Dashboard, startDashboard } from "./dashboard.ts";

let key: TestKey;
let dashboard: Dashboard;
beforeAll(async () => {
  key = await makeTestKey();
  const test = new TestGate(key);
  dashboard = await startDashboard({ gate: test, test });
});
afterAll(() => dashboard.stop());

const OWN_PAGE = { "sec-fetch-site": "same-origin" };
const get = (path: string, headers: Record<string, string> = {}) => dashboard.get(path, { redirect: "manual", headers });
const signIn = (headers: Record<string, string> = OWN_PAGE) => dashboard.get("/sign-in", { method: "POST", redirect: "manual", headers });

async function session(): Promise<string> {
  const [cookie = ""] = (await signIn()).headers.getSetCookie();
  return cookie.split(";")[0] ?? "";
}

test("a page load without a session ends at the sign-in page, which leads to the jobs", async () => {
  const sent = await get("/?a=b");
  expect([sent.status, sent.headers.get("location")]).toEqual([307, "/sign-in"]);
  const page = await get("/sign-in");
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('<form class="post" method="post" action="/sign-in">');
  const signedIn = await signIn();
  expect([signedIn.status, signedIn.headers.get("location")]).toEqual([303, "/"]);
  expect(signedIn.headers.getSetCookie()[0]).toMatch(/^__test_session=\S+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Lax$/);
  const cookie = await session();
  for (const path of ["/", "/session"]) expect((await get(path, { cookie })).status).toBe(200);
});

test("data without a session is refused", async () => {
  for (const path of ["/session", "/events", `/jobs/${Bun.randomUUIDv7()}`]) expect((await get(path)).status).toBe(401);
});

describe("a token", () => {
  const at = Math.floor(Date.now() / 1_000);
  const claims = { iss: "https://test-sessions.localhost", azp: "https://dashboard.localhost", sub: "test", iat: at, nbf: at, exp: at + 60 };
  const header = { alg: "RS256", typ: "JWT" };
  const wrong: [string, () => string | Promise<string>][] = [
    ["of another process", async () => sign(header, claims, (await makeTestKey()).privateKey)],
    ["that has expired", () => sign(header, { ...claims, exp: at - 60 }, key.privateKey)],
    ["of another issuer", () => sign(header, { ...claims, iss: "https://clerk.example.com" }, key.privateKey)],
    ["for another party", () => sign(header, { ...claims, azp: "https://jobs.example.com" }, key.privateKey)],
    ["of Clerk", () => token()],
    ["without a signature", unsignedToken],
    ["with a shared secret", confusedToken],
    ["that is none", () => "nonsense"],
  ];
  test.each(wrong)("%s is no session", async (_, make) => {
    const cookie = `__test_session=${await make()}`;
    expect((await get("/", { cookie })).status).toBe(307);
    expect((await get("/session", { cookie })).status).toBe(401);
  });

  test("with the same claims and the right key is one", async () => {
    const cookie = `__test_session=${await sign(header, claims, key.privateKey)}`;
    expect((await get("/session", { cookie })).status).toBe(200);
  });
});

describe("a test session is for this machine only", () => {
  test.each(["jobs.example.com", "192.0.2.1:3000", "localhost.example.com", "127.0.0.1.example.com", "[2001:db8::1]", ""])("not under %p", async (host) => {
    const cookie = await session();
    for (const path of ["/", "/session", "/events", "/sign-in"]) expect((await get(path, { host, cookie })).status).toBe(403);
    const posted = await signIn({ ...OWN_PAGE, host });
    expect([posted.status, posted.headers.getSetCookie()]).toEqual([403, []]);
  });

  test.each(["localhost:3000", "atlas.localhost", "127.0.0.1", "127.1.2.3:3000", "[::1]:3000"])("but under %p", async (host) => {
    expect((await get("/", { host, cookie: await session() })).status).toBe(200);
  });

  test("begun on the dashboard's own page", async () => {
    for (const headers of [{ "sec-fetch-site": "cross-site" }, { origin: "https://evil.example" }, {}]) {
      const response = await signIn(headers as Record<string, string>);
      expect([response.status, response.headers.getSetCookie()]).toEqual([403, []]);
    }
  });
});
