import { describe, expect, test } from "bun:test";
import { PolicyError, parsePolicy } from "../src/policy.ts";
import { TASK, policy, policyValue, worker } from "./fixtures.ts";

function fault(value: unknown): string {
  try {
    parsePolicy(typeof value === "string" ? value : JSON.stringify(value));
  } catch (error) {
    if (error instanceof PolicyError) return error.message;
    throw error;
  }
  return "none";
}

const AT = "GUARD_POLICY.services.worker.tasks.fetcher";

describe("a good policy", () => {
  test("keeps every value", () => {
    expect(worker()).toMatchObject({
      project: "atlas",
      name: "worker",
      socket: "/run/docker-guard/worker/docker.sock",
    });
    expect(worker().tasks.get("fetcher")).toEqual({ name: "fetcher", ...TASK } as never);
  });

  test("may give a task no network", () => {
    expect(worker(policy({ ...TASK, network: "none" })).tasks.get("fetcher")?.network).toBe("none");
  });
});

describe("each fault is named with its path", () => {
  const cases: [string, unknown, string][] = [
    ["not set", "", "GUARD_POLICY: is not set"],
    ["not JSON", "{", "GUARD_POLICY: is not JSON"],
    ["a list", [], "GUARD_POLICY: [] is not an object"],
    ["null", null, "GUARD_POLICY: null is not an object"],
    ["nothing in it", {}, "GUARD_POLICY.project: is missing"],
    ["no services", { project: "atlas", services: {} }, "GUARD_POLICY.services: is empty"],
    ["an unknown key", { ...policyValue(), debug: true }, "GUARD_POLICY.debug: unknown key, known: project, services"],
    [
      "a bad project",
      { ...policyValue(), project: "../x" },
      'GUARD_POLICY.project: "../x" is not a name of lower-case letters, digits and hyphens',
    ],
    [
      "a polluting service",
      '{"project":"atlas","services":{"__proto__":{}}}',
      'GUARD_POLICY.services.__proto__: "__proto__" is not a name of lower-case letters, digits and hyphens',
    ],
    [
      "a relative socket",
      policyValue(TASK, "docker.sock"),
      'GUARD_POLICY.services.worker.socket: "docker.sock" is not an absolute path',
    ],
    [
      "a climbing socket",
      policyValue(TASK, "/run/../var/run/docker.sock"),
      'GUARD_POLICY.services.worker.socket: "/run/../var/run/docker.sock" is not an absolute path',
    ],
    [
      "a long socket",
      policyValue(TASK, `/${"a".repeat(107)}`),
      `GUARD_POLICY.services.worker.socket: "/${"a".repeat(78)}… is not at most 107 bytes long`,
    ],
    [
      "an unknown key of a task",
      policyValue({ ...TASK, privileged: true }),
      `${AT}.privileged: unknown key, known: ${Object.keys(TASK).join(", ")}`,
    ],
    ["a flag as an image", policyValue({ ...TASK, image: "--x" }), `${AT}.image: "--x" is not the name of an image`],
    ["no seats", policyValue({ ...TASK, atOnce: 0 }), `${AT}.atOnce: 0 is not a whole number from 1 to 1000`],
    ["a fraction", policyValue({ ...TASK, atOnce: 1.5 }), `${AT}.atOnce: 1.5 is not a whole number from 1 to 1000`],
    [
      "a number as text",
      policyValue({ ...TASK, pids: "256" }),
      `${AT}.pids: "256" is not a whole number from 1 to 1000000`,
    ],
    [
      "no time",
      policyValue({ ...TASK, timeoutSeconds: -1 }),
      `${AT}.timeoutSeconds: -1 is not a whole number from 1 to 86400`,
    ],
    [
      "unlimited memory",
      policyValue({ ...TASK, memoryBytes: 0 }),
      `${AT}.memoryBytes: 0 is not a whole number from 6291456 to 1125899906842624`,
    ],
    ["unlimited processes", policyValue({ ...TASK, pids: 0 }), `${AT}.pids: 0 is not a whole number from 1 to 1000000`],
    [
      "root",
      policyValue({ ...TASK, user: "0:0" }),
      `${AT}.user: "0:0" is not a numeric uid:gid other than root's, such as 1000:1000`,
    ],
    [
      "a group of root",
      policyValue({ ...TASK, user: "1000:0" }),
      `${AT}.user: "1000:0" is not a numeric uid:gid other than root's, such as 1000:1000`,
    ],
    [
      "a user name",
      policyValue({ ...TASK, user: "app" }),
      `${AT}.user: "app" is not a numeric uid:gid other than root's, such as 1000:1000`,
    ],
    [
      "the host's network",
      policyValue({ ...TASK, network: "host" }),
      `${AT}.network: "host" is not a network of the task's own, or none`,
    ],
    [
      "the default network",
      policyValue({ ...TASK, network: "bridge" }),
      `${AT}.network: "bridge" is not a network of the task's own, or none`,
    ],
    [
      "another's network",
      policyValue({ ...TASK, network: "container:api" }),
      `${AT}.network: "container:api" is not the name of a network`,
    ],
    [
      "no seccomp",
      policyValue({ ...TASK, seccomp: "unconfined" }),
      `${AT}.seccomp: "unconfined" is not chrome or default`,
    ],
    [
      "a bad variable",
      policyValue({ ...TASK, env: { "A=B": "x" } }),
      `${AT}.env.A=B: "A=B" is not the name of an environment variable`,
    ],
    ["a bad value", policyValue({ ...TASK, env: { A: 1 } }), `${AT}.env.A: 1 is not a text`],
    [
      "a relative mount",
      policyValue({ ...TASK, tmpfs: { tmp: "rw" } }),
      `${AT}.tmpfs.tmp: "tmp" is not an absolute path`,
    ],
    [
      "odd mount options",
      policyValue({ ...TASK, tmpfs: { "/tmp": "rw bind" } }),
      `${AT}.tmpfs./tmp: "rw bind" is not a list of mount options`,
    ],
  ];
  test.each(cases)("%s", (_name, value, message) => expect(fault(value)).toBe(message));

  test("a missing key", () => {
    const { seccomp: _, ...rest } = TASK;
    expect(fault(policyValue(rest))).toBe(`${AT}.seccomp: is missing`);
  });

  test("two services on one socket", () => {
    const { services } = policyValue();
    const both = { project: "atlas", services: { ...services, other: services.worker } };
    expect(fault(both)).toBe("GUARD_POLICY.services: two of them have the socket /run/docker-guard/worker/docker.sock");
  });
});
