import { describe } from "bun:test";
import { ID, check, type Attack } from "./attack.ts";

const FREE_LABELS = "bunops.platform.owner, bunops.platform.job";

const create = (fields: object) => JSON.stringify({ Image: "fetcher", ...fields });
const field = (name: string, value: unknown): Attack => [
  "POST /containers/create",
  create({ [name]: value }),
  403,
  `field "${name}" is not allowed here; allowed: Image, Cmd, Labels`,
];
const image = (value: unknown): Attack => [
  "POST /containers/create",
  JSON.stringify({ Image: value }),
  403,
  `Image ${JSON.stringify(value)} is not a task of service worker; allowed: fetcher`,
];
const label = (name: string): Attack => [
  "POST /containers/create",
  create({ Labels: { [name]: "x" } }),
  403,
  `label "${name}" is not allowed; allowed: ${FREE_LABELS}`,
];

describe("another container than the task's", () => {
  check([
    image("alpine"),
    image("atlas/fetcher:local"),
    image("fetcher:latest"),
    image("Fetcher"),
    image("fetcher "),
    image("constructor"),
    image("__proto__"),
    image(["fetcher"]),
    image(null),
    image({ toString: "fetcher" }),
    ["POST /containers/create", "{}", 403, "Image is missing; allowed: fetcher"],
    field("HostConfig", { Privileged: true }),
    field("HostConfig", {}),
    field("hostconfig", { Binds: ["/:/host"] }),
    field("HOSTCONFIG", { PidMode: "host" }),
    field("Entrypoint", ["/bin/sh"]),
    field("User", "0"),
    field("Env", ["LD_PRELOAD=/x"]),
    field("WorkingDir", "/"),
    field("Volumes", { "/x": {} }),
    field("NetworkingConfig", { EndpointsConfig: { atlas_redis: {} } }),
    field("ExposedPorts", { "80/tcp": {} }),
    field("Hostname", "api"),
    field("Healthcheck", { Test: ["CMD", "x"] }),
    field("Tty", true),
    field("cmd", ["x"]),
    field("image", "alpine"),
    field("MacAddress", ""),
    field("constructor", {}),
    [
      "POST /containers/create",
      '{"Image":"fetcher","__proto__":{"HostConfig":{}}}',
      403,
      'field "__proto__" is not allowed here; allowed: Image, Cmd, Labels',
    ],
    [
      "POST /containers/create",
      '{"Image":"fetcher","Image":"alpine"}',
      403,
      'Image "alpine" is not a task of service worker; allowed: fetcher',
    ],
    [
      "POST /containers/create",
      '{"Image":"fetcher","\\u0048ostConfig":{}}',
      403,
      'field "HostConfig" is not allowed here; allowed: Image, Cmd, Labels',
    ],
    ["POST /containers/create?name=api", create({}), 403, 'query parameter "name" is not allowed here; allowed: none'],
    [
      "POST /containers/create?platform=linux",
      create({}),
      403,
      'query parameter "platform" is not allowed here; allowed: none',
    ],
    [
      "POST /containers/create?Image=fetcher&HostConfig=%7B%7D",
      create({}),
      403,
      'query parameter "HostConfig" is not allowed here; allowed: none',
    ],
  ]);
});

describe("bodies", () => {
  check([
    ["POST /containers/create", "", 400, "the body is not a JSON object; one is allowed"],
    ["POST /containers/create", "Image=fetcher", 400, "the body is not a JSON object; one is allowed"],
    [
      "POST /containers/create",
      '{"Image":"fetcher"}{"HostConfig":{}}',
      400,
      "the body is not a JSON object; one is allowed",
    ],
    ["POST /containers/create", '\ufeff{"Image":"fetcher"}', 400, "the body is not a JSON object; one is allowed"],
    ["POST /containers/create", "[".repeat(60_000), 400, "the body is not a JSON object; one is allowed"],
    ["POST /containers/create", "null", 400, "the body is not a JSON object; one is allowed"],
    ["POST /containers/create", '[{"Image":"fetcher"}]', 400, "the body is not a JSON object; one is allowed"],
    ["POST /containers/create", '"fetcher"', 400, "the body is not a JSON object; one is allowed"],
    [`POST /containers/${ID}/start`, '{"Binds":["/:/host"]}', 403, 'field "Binds" is not allowed here; allowed: none'],
    [
      `POST /containers/${ID}/wait`,
      '{"__proto__":1}',
      403,
      'field "__proto__" is not allowed here; allowed: condition',
    ],
    [`POST /containers/${ID}/stop`, "x", 400, "the body is not a JSON object; one is allowed"],
    [`DELETE /containers/${ID}`, '{"link":true}', 403, 'field "link" is not allowed here; allowed: v, force'],
    ["GET /_ping", '{"x":1}', 403, 'field "x" is not allowed here; allowed: none'],
  ]);
});

describe("Cmd", () => {
  check([
    ["POST /containers/create", create({ Cmd: "sh -c x" }), 400, 'Cmd is "sh -c x"; allowed: a list of strings'],
    ["POST /containers/create", create({ Cmd: [1] }), 400, "Cmd is [1]; allowed: a list of strings"],
    ["POST /containers/create", create({ Cmd: [["x"]] }), 400, 'Cmd is [["x"]]; allowed: a list of strings'],
    [
      "POST /containers/create",
      create({ Cmd: { 0: "x", length: 1 } }),
      400,
      'Cmd is {"0":"x","length":1}; allowed: a list of strings',
    ],
    ["POST /containers/create", create({ Cmd: null }), 400, "Cmd is null; allowed: a list of strings"],
    ["POST /containers/create", create({ Cmd: Array(65).fill("") }), 403, "Cmd has 65 strings; allowed: 64"],
    ["POST /containers/create", create({ Cmd: ["a".repeat(16_385)] }), 403, "Cmd has 16385 bytes; allowed: 16384"],
    ["POST /containers/create", create({ Cmd: ["ä".repeat(8_193)] }), 403, "Cmd has 16386 bytes; allowed: 16384"],
    ["POST /containers/create", create({ Cmd: ["a\0b"] }), 400, "Cmd has a zero byte; text is allowed"],
  ]);
});

describe("labels", () => {
  check([
    label("bunops.platform.project"),
    label("bunops.platform.service"),
    label("bunops.platform.task"),
    label("com.docker.compose.project"),
    label("Bunops.Platform.Owner"),
    label("bunops.platform.owner "),
    label("constructor"),
    [
      "POST /containers/create",
      '{"Image":"fetcher","Labels":{"__proto__":"x"}}',
      403,
      `label "__proto__" is not allowed; allowed: ${FREE_LABELS}`,
    ],
    [
      "POST /containers/create",
      create({ Labels: ["bunops.platform.owner=x"] }),
      400,
      'Labels is ["bunops.platform.owner=x"]; allowed: an object',
    ],
    ["POST /containers/create", create({ Labels: null }), 400, "Labels is null; allowed: an object"],
    [
      "POST /containers/create",
      create({ Labels: { "bunops.platform.owner": "a,bunops.platform.service=api" } }),
      400,
      'label bunops.platform.owner is "a,bunops.platform.service=api"; allowed: 1 to 128 of A-Z a-z 0-9 _ . : -',
    ],
    [
      "POST /containers/create",
      create({ Labels: { "bunops.platform.job": "a\nb" } }),
      400,
      'label bunops.platform.job is "a\\nb"; allowed: 1 to 128 of A-Z a-z 0-9 _ . : -',
    ],
    [
      "POST /containers/create",
      create({ Labels: { "bunops.platform.job": "" } }),
      400,
      'label bunops.platform.job is ""; allowed: 1 to 128 of A-Z a-z 0-9 _ . : -',
    ],
    [
      "POST /containers/create",
      create({ Labels: { "bunops.platform.job": 1 } }),
      400,
      "label bunops.platform.job is 1; allowed: 1 to 128 of A-Z a-z 0-9 _ . : -",
    ],
  ]);
});
