import { describe } from "bun:test";
import { ID, check, type Attack } from "./attack.ts";

const ALLOWED =
  "GET /_ping, GET /version, POST /containers/create, GET /containers/json, POST /containers/{id}/start, " +
  "POST /containers/{id}/wait, POST /containers/{id}/kill, POST /containers/{id}/stop, GET /containers/{id}/logs, " +
  "DELETE /containers/{id}";
const LABEL_FILTERS = "bunops.platform.owner=…, bunops.platform.job=…";

const other = (line: string): Attack => [
  line,
  "",
  403,
  `${line.split(" ")[0]} "${line.split(" ")[1]?.split("?")[0]}" is not allowed; allowed: ${ALLOWED}`,
];
const id = (text: string): Attack => [
  `POST /containers/${text}/start`,
  "",
  403,
  `"${text}" is not a container of service worker; allowed: 12 to 64 hexadecimal digits`,
];
const filters = (value: unknown) => `GET /containers/json?filters=${encodeURIComponent(JSON.stringify(value))}`;

describe("other calls", () => {
  check([
    other("POST /images/create?fromImage=alpine"),
    other("POST /build"),
    other("GET /images/json"),
    other("GET /info"),
    other("GET /events"),
    other("GET /containers"),
    other("POST /containers/json"),
    other("GET /containers/create"),
    other("PUT /containers/create"),
    other("POST /volumes/create"),
    other("POST /networks/create"),
    other("POST /networks/atlas_default/connect"),
    other("POST /session"),
    other("POST /grpc"),
    other("GET /secrets"),
    other("POST /swarm/init"),
    other("POST /plugins/pull"),
    other("POST /auth"),
    other(`GET /containers/${ID}/json`),
    other(`GET /containers/${ID}/top`),
    other(`GET /containers/${ID}/export`),
    other(`GET /containers/${ID}/archive?path=/`),
    other(`PUT /containers/${ID}/archive?path=/`),
    other(`POST /containers/${ID}/exec`),
    other(`POST /containers/${ID}/attach`),
    other(`GET /containers/${ID}/attach/ws`),
    other(`POST /containers/${ID}/update`),
    other(`POST /containers/${ID}/rename?name=x`),
    other(`POST /containers/${ID}/restart`),
    other(`POST /containers/${ID}/pause`),
    other(`POST /containers/${ID}/unpause`),
    other(`POST /containers/${ID}/resize`),
    other(`POST /containers/${ID}`),
    other(`PATCH /containers/${ID}`),
    other(`POST /exec/${ID}/start`),
    other("POST /commit?container=x"),
    other("POST /containers/prune"),
  ]);
});

describe("path tricks", () => {
  check([
    other("GET /v1.45/../images/json"),
    other("GET //containers/json"),
    other("GET /containers//json"),
    other("GET /containers/json/"),
    other("GET /./containers/json"),
    other("GET /containers/%6ason"),
    other("GET /Containers/json"),
    other("GET /CONTAINERS/JSON"),
    other("GET /v1.45/v1.45/containers/json"),
    other("GET /v2.0/containers/json"),
    other("GET /v1.455/containers/json"),
    other("GET /V1.45/containers/json"),
    other("GET /v1.45containers/json"),
    other("GET /containers/json;x"),
    other("GET /containers/json%00"),
    other(`POST /containers/${ID}/start/`),
    other(`POST /containers/${ID}//start`),
    other(`POST /containers/${ID}/Start`),
    other(`POST /containers/${ID}/start%2f..%2fexec`),
    other(`POST /containers/../${ID}/start`),
    other("get /_ping"),
    other(" /_ping"),
  ]);
});

describe("ids that are none", () => {
  check([
    id("atlas-api-1"),
    id("api"),
    id("0123456789a"),
    id("0123456789aB"),
    id(`${ID}0`),
    id(".."),
    id("%2e%2e"),
    id(`${ID.slice(0, 12)}%2Fexec`),
    id("atlas-fetcher-0123456789ab%2F.."),
    id("atlas-fetcher"),
    id("atlas-other-0123456789ab"),
    id("other-fetcher-0123456789ab"),
    id("xatlas-fetcher-0123456789ab"),
    id("atlas-fetcher-0123456789abc"),
    id("__proto__"),
    [
      "DELETE /containers/create",
      "",
      403,
      '"create" is not a container of service worker; allowed: 12 to 64 hexadecimal digits',
    ],
  ]);
});

describe("queries", () => {
  const query = (name: string, allowed: string) => `query parameter "${name}" is not allowed here; allowed: ${allowed}`;
  check([
    [`DELETE /containers/${ID}?link=1`, "", 403, query("link", "v, force")],
    [`DELETE /containers/${ID}?force=1&force=0`, "", 400, "query parameter force stands there twice; once is allowed"],
    [`DELETE /containers/${ID}?force=yes`, "", 400, 'query parameter force is "yes"; allowed: 1, true, 0 or false'],
    [`DELETE /containers/${ID}?Force=1`, "", 403, query("Force", "v, force")],
    [`DELETE /containers/${ID}?__proto__=1`, "", 403, query("__proto__", "v, force")],
    [`DELETE /containers/${ID}?constructor=1`, "", 403, query("constructor", "v, force")],
    [`POST /containers/${ID}/start?detachKeys=a`, "", 403, query("detachKeys", "none")],
    [`POST /containers/${ID}/start?checkpoint=x&checkpoint-dir=/`, "", 403, query("checkpoint", "none")],
    [
      `POST /containers/${ID}/kill?signal=SIGSTOP`,
      "",
      400,
      'query parameter signal is "SIGSTOP"; allowed: HUP, SIGHUP, INT, SIGINT, KILL, SIGKILL, QUIT, SIGQUIT, TERM, SIGTERM, USR1, SIGUSR1, USR2, SIGUSR2',
    ],
    [
      `POST /containers/${ID}/kill?signal=9%26x%3D1`,
      "",
      400,
      'query parameter signal is "9&x=1"; allowed: HUP, SIGHUP, INT, SIGINT, KILL, SIGKILL, QUIT, SIGQUIT, TERM, SIGTERM, USR1, SIGUSR1, USR2, SIGUSR2',
    ],
    [`POST /containers/${ID}/stop?t=-1`, "", 400, 'query parameter t is "-1"; allowed: seconds, 0 to 9999'],
    [
      `POST /containers/${ID}/wait?condition=x`,
      "",
      400,
      'query parameter condition is "x"; allowed: not-running, next-exit, removed',
    ],
    [
      `GET /containers/${ID}/logs?stdout=1&details=1`,
      "",
      403,
      query("details", "follow, stdout, stderr, timestamps, since, until, tail"),
    ],
    [`GET /containers/${ID}/logs?tail=1%0A`, "", 400, 'query parameter tail is "1\\n"; allowed: all or a number'],
    [`GET /containers/${ID}/logs?since=%ff`, "", 400, 'the query has "%ff", which is not percent-encoded UTF-8'],
    ["GET /version?x", "", 403, query("x", "none")],
    ["GET /containers/json?size=1", "", 403, query("size", "all, filters")],
    ["GET /containers/json?filters=x", "", 400, "query parameter filters is not a JSON object; one is allowed"],
    [filters({ name: ["api"] }), "", 403, 'field "name" is not allowed here; allowed: label, status'],
    [
      filters({ label: ["com.docker.compose.project=atlas"] }),
      "",
      403,
      `label filter "com.docker.compose.project=atlas" is not allowed; allowed: ${LABEL_FILTERS}`,
    ],
    [
      filters({ label: ["bunops.platform.service=api"] }),
      "",
      403,
      `label filter "bunops.platform.service=api" is not allowed; allowed: ${LABEL_FILTERS}`,
    ],
    [
      filters({ label: ["bunops.platform.owner"] }),
      "",
      403,
      `label filter "bunops.platform.owner" is not allowed; allowed: ${LABEL_FILTERS}`,
    ],
    [
      filters({ label: "bunops.platform.owner=x" }),
      "",
      400,
      'filter label is "bunops.platform.owner=x"; allowed: a list of at most 16 strings',
    ],
    [
      filters({ status: ["any"] }),
      "",
      400,
      'status filter "any" is not known; allowed: created, running, paused, restarting, removing, exited, dead',
    ],
  ]);
});
