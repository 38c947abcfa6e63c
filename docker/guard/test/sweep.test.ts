import { describe, expect, test } from "bun:test";
import type { Listed } from "../src/engine.ts";
import { endedSince, planSweep } from "../src/sweep.ts";
import { policy } from "./fixtures.ts";

const NOW = 1_800_000_000;

function listed(State: string, age: number, labels: Record<string, string> = {}): Listed {
  const Labels = {
    "bunops.platform.project": "atlas",
    "bunops.platform.service": "worker",
    "bunops.platform.task": "fetcher",
    ...labels,
  };
  return { Id: `${State}-${age}`, Names: [], Command: "", Created: NOW - age, State, Status: "", Labels };
}

describe("what a round removes, and why (time limit 30 s)", () => {
  const cases: [string, Listed, number | undefined, string | undefined][] = [
    ["running in time", listed("running", 39), undefined, undefined],
    ["running too long", listed("running", 40), undefined, "older than its time limit of 30 s plus 10 s"],
    ["frozen too long", listed("paused", 40), undefined, "older than its time limit of 30 s plus 10 s"],
    ["just created", listed("created", 39), undefined, undefined],
    ["created and left", listed("created", 40), undefined, "older than its time limit of 30 s plus 10 s"],
    ["just ended, though old", listed("exited", 500), NOW - 59, undefined],
    ["ended a minute ago", listed("exited", 70), NOW - 60, "ended 60 s ago and not removed"],
    ["dead a minute ago", listed("dead", 70), NOW - 60, "ended 60 s ago and not removed"],
    [
      "a service no longer there",
      listed("running", 1, { "bunops.platform.service": "old" }),
      undefined,
      "its task is not in the policy",
    ],
    [
      "a task no longer there",
      listed("exited", 1, { "bunops.platform.task": "old" }),
      NOW,
      "its task is not in the policy",
    ],
  ];
  test.each(cases)("%s", (_name, container, ended, reason) => {
    const since = new Map(ended === undefined ? [] : [[container.Id, ended]]);
    const removals = planSweep([container], policy(), since, NOW);
    expect(removals.map((removal) => removal.reason)).toEqual(reason === undefined ? [] : [reason]);
  });

  test("one of a long task that nobody starts", () => {
    const long = { ...policy().services.get("worker")?.tasks.get("fetcher"), timeoutSeconds: 3600 };
    const { name: _, ...task } = long;
    const removals = planSweep(
      [listed("created", 59), listed("created", 60), listed("running", 60)],
      policy(task),
      new Map(),
      NOW,
    );
    expect(removals.map(({ container, reason }) => [container.Id, reason])).toEqual([
      ["created-60", "created 60 s ago and not started"],
    ]);
  });
});

test("an end is noted when first seen, kept, and forgotten with the container", () => {
  const exited = listed("exited", 100);
  const first = endedSince([exited, listed("running", 1)], new Map(), NOW);
  expect([...first]).toEqual([["exited-100", NOW]]);
  expect([...endedSince([exited], first, NOW + 5)]).toEqual([["exited-100", NOW]]);
  expect([...endedSince([], first, NOW + 5)]).toEqual([]);
});
