/** What the dashboard says to the edge, which asks it before it lets a request through. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ClerkGate } from "../src/auth/clerk.ts";
import { claims, clerkConfig, cookies, KEYS, makeKeys, now, token, unsignedToken } from "./clerk.ts";
import { type Dashboard, startDashboard } from "./dashboard.ts";

let closed: Dashboard;
let open: Dashboard;
beforeAll(async () => {
  closed = await startDashboard({ gate: new ClerkGate(clerkConfig()) });
  open = await startDashboard();
});
afterAll(() => Promise.all([closed.stop(), open.stop()]));

const BROWSER = { host: "jobs.example.com", accept: "text/html", "sec-fetch-dest": "document", "sec-fetch-mode": "navigate" };

function send(dashboard: Dashboard, path: string, cookie: string | undefined, method = "GET"): Promise<Response> {
  const headers = { ...BROWSER, ...(cookie === undefined ? {} : { cookie }) };
  return dashboard.get(path, { method, headers, redirect: "manual" });
}

/** How Envoy asks, and how Traefik does, which says what it asks about in headers, and calls the program by its name. */
const QUESTIONS = {
  "below the path": (path: string, cookie: string | undefined, method?: string, dashboard = closed) =>
    send(dashboard, `/edge-auth${path}`, cookie, method),
  "by headers": (path: string, cookie: string | undefined, method = "GET", dashboard = closed) =>
    dashboard.get("/edge-auth", {
      method,
      headers: {
        ...BROWSER,
        ...(cookie === undefined ? {} : { cookie }),
        host: "dashboard.atlas.svc:3000",
        "x-forwarded-host": BROWSER.host,
        "x-forwarded-uri": path,
      },
      redirect: "manual",
    }),
};

/** All of an answer that a client would see, without what differs each time. */
async function seen(response: Response): Promise<unknown> {
  const location = response.headers.get("location")?.replace(/__clerk_hs_[a-z_]+=[^&]*/g, "");
  return [response.status, location, response.headers.getSetCookie(), response.headers.get("content-type"), await response.text()];
}

const SESSIONS: [string, () => string | undefined][] = [
  ["nothing", () => undefined],
  ["an expired token", () => cookies(token(claims({ exp: now() - 60 })))],
  ["no token, of a browser that Clerk knows", () => cookies(undefined)],
  ["the wrong issuer", () => cookies(token(claims({ iss: "https://clerk.evil.example" })))],
  ["the wrong authorized party", () => cookies(token(claims({ azp: "https://evil.example" })))],
  ["the wrong key", () => cookies(token(claims(), makeKeys().privateKey))],
  ["alg: none", () => cookies(unsignedToken())],
  ["three tries just now", () => `${cookies(token(claims(), KEYS.privateKey, { alg: "RS512" }))}; sign_in_tries=3`],
];
const ID = Bun.randomUUIDv7();
const PATHS = ["/", "/?a=b", "/session", "/events", `/jobs/${ID}`, `/jobs/${ID}/screenshot`];

describe.each(Object.entries(QUESTIONS))("asked %s", (_, ask) => {
  describe.each(SESSIONS)("with %s", (_, make) => {
    test.each(PATHS)("%s is answered to the edge as to the client itself", async (path) => {
      const cookie = make();
      const answers = await Promise.all([ask(path, cookie), send(closed, path, cookie)]);
      const [told, given] = await Promise.all(answers.map(seen));
      expect(told).toEqual(given);
      expect(answers[0]?.status).not.toBe(200);
    });
  });

  test("with a session everything is let through, whatever the method, and nothing is done", async () => {
    const cookie = cookies(token());
    for (const path of PATHS) expect(await seen(await ask(path, cookie))).toMatchObject([200, undefined, [], null, ""]);
    for (const method of ["POST", "PUT", "HEAD"]) expect((await ask("/jobs", cookie, method)).status).toBe(200);
    expect(closed.api.requests).toEqual([]);
  });

  test("a post without a session is refused", async () => {
    expect((await ask("/jobs", undefined, "POST")).status).toBe(401);
  });

  test.each(["/health", "/assets/nothing.js", "/sign-in", "/nowhere", "/nowhere/else"])("%s is open, and the program answers", async (path) => {
    expect((await ask(path, undefined)).status).toBe(200);
  });

  test.each(["/edge-auth", "/edge-auth/", "/edge-auth/jobs"])("clients of the edge ask nothing at %s", async (path) => {
    expect((await ask(path, cookies(token()))).status).toBe(404);
  });

  test("where everybody may come in, everybody is let through", async () => {
    for (const path of PATHS) expect((await ask(path, undefined, "GET", open)).status).toBe(200);
  });
});

test.each([
  ["//evil.example/jobs", 200],
  ["https://evil.example/jobs", 200],
  ["/x/../jobs", 401],
  ["jobs", 401],
  ["?a=b", 307],
])("an odd address, %s, is one of this program", async (path, status) => {
  expect((await QUESTIONS["by headers"](path, undefined)).status).toBe(status);
});

test("who asks about nothing is told nothing", async () => {
  expect((await send(closed, "/edge-auth", cookies(token()))).status).toBe(404);
});
