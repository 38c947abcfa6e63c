import { describe, expect, test } from "bun:test";
import { decide, type Decision } from "../src/decide.ts";
import { call, worker } from "./fixtures.ts";

const ID = "0123456789abcdef".repeat(4);
const service = worker();

const on = (action: string, id: string, query = {}) => ({ kind: "container", action, id, query }) as Decision;
const list = (changes = {}) => ({ kind: "list", all: false, labels: [], statuses: [], ...changes }) as Decision;
const encoded = (value: unknown) => encodeURIComponent(JSON.stringify(value));

/** As dockerode 5.0.1 (docker-modem 5) sends them: options in the query, and once more in the body of a POST. */
describe("what a Docker SDK sends", () => {
  const owner = "bunops.platform.owner";
  const job = "bunops.platform.job";
  const cmd = ["--job", "1", "--url", "http://a/?b=c&d"];
  const body = JSON.stringify({ Image: "fetcher", Cmd: cmd, Labels: { [owner]: "h", [job]: "1" } });
  const query = `Image=fetcher&Cmd=--job&Cmd=1&Cmd=--url&Cmd=http%3A%2F%2Fa%2F%3Fb%3Dc%26d&Labels=${encoded({ [owner]: "h" })}`;
  const created = { kind: "create", wish: { task: "fetcher", cmd, owner: "h", job: "1" } } as Decision;

  const cases: [string, string, Decision][] = [
    ["GET /_ping", "", { kind: "ping" }],
    ["HEAD /_ping", "", { kind: "ping" }],
    ["GET /v1.45/_ping", "", { kind: "ping" }],
    ["GET /version", "", { kind: "version" }],
    [`POST /containers/create?${query}`, body, created],
    ["POST /v1.41/containers/create", body, created],
    ["POST /containers/create?", '{"Image":"fetcher"}', { kind: "create", wish: { task: "fetcher" } }],
    [
      "POST /containers/create",
      '{"Image":"fetcher","Cmd":[],"Labels":{}}',
      { kind: "create", wish: { task: "fetcher", cmd: [] } },
    ],
    [`POST /containers/${ID}/start`, "", on("start", ID)],
    [`POST /containers/${ID}/start`, "{}", on("start", ID)],
    ["POST /containers/0123456789ab/start", "", on("start", "0123456789ab")],
    ["POST /containers/atlas-fetcher-0123456789ab/start", "", on("start", "atlas-fetcher-0123456789ab")],
    [
      `GET /containers/${ID}/logs?follow=true&stdout=true&stderr=1&tail=all`,
      "",
      on("logs", ID, { follow: "1", stdout: "1", stderr: "1", tail: "all" }),
    ],
    [
      `GET /containers/${ID}/logs?since=1700000000.5&until=1800000000&timestamps=0`,
      "",
      on("logs", ID, { since: "1700000000.5", until: "1800000000", timestamps: "0" }),
    ],
    [`POST /containers/${ID}/wait`, "", on("wait", ID)],
    [
      `POST /containers/${ID}/wait?condition=next-exit`,
      '{"condition":"next-exit"}',
      on("wait", ID, { condition: "next-exit" }),
    ],
    [`POST /containers/${ID}/kill?signal=SIGTERM`, '{"signal":"SIGTERM"}', on("kill", ID, { signal: "SIGTERM" })],
    [`POST /containers/${ID}/stop?t=5`, '{"t":5}', on("stop", ID, { t: "5" })],
    [`DELETE /containers/${ID}?force=true&v=true`, "", on("remove", ID, { force: "1", v: "1" })],
    ["GET /containers/json", "", list()],
    [
      `GET /containers/json?all=true&filters=${encoded({ label: [`${owner}=h`] })}`,
      "",
      list({ all: true, labels: [`${owner}=h`] }),
    ],
    [`GET /containers/json?filters=${encoded({ label: { [`${job}=1`]: true } })}`, "", list({ labels: [`${job}=1`] })],
    [
      `GET /containers/json?all=1&filters=${encoded({ status: ["exited"] })}`,
      "",
      list({ all: true, statuses: ["exited"] }),
    ],
  ];
  test.each(cases)("%s %s", (line, text, decision) => expect(decide(service, call(line, text))).toEqual(decision));
});

test("of two equal keys the last counts, for the check and for the Engine alike", () => {
  const twice = '{"Image":"alpine","Image":"fetcher"}';
  expect(decide(service, call("POST /containers/create", twice))).toEqual({
    kind: "create",
    wish: { task: "fetcher" },
  });
});

test("an upgrade of the connection is refused on every call", () => {
  for (const line of ["GET /_ping", `POST /containers/${ID}/attach`, "POST /session"]) {
    const decision = decide(service, call(line, "", true));
    expect(decision.kind === "refuse" && [decision.refusal.status, decision.refusal.message]).toEqual([
      403,
      "docker guard: the request asks for another protocol (Upgrade); plain HTTP is allowed",
    ]);
  }
});
