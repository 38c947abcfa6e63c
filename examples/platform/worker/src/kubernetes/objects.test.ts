import { expect, test } from "bun:test";
import { createLogger } from "@platform/shared/log";
import { type CronJob, jobFrom, jobName } from "./objects.ts";

const JOB = "0195d1f4-0000-7000-8000-000000000000";

test("a Job is its template with the request's arguments and labels", () => {
  const containers = [{ name: "fetcher", image: "fetcher@sha256:1" }, { name: "other", args: ["--own"] }] as const;
  const labels = { "app.kubernetes.io/name": "fetcher" };
  const template: CronJob = {
    metadata: { name: "fetcher", uid: "u" },
    spec: {
      jobTemplate: {
        metadata: { labels },
        spec: { ...{ backoffLimit: 0 }, template: { metadata: { labels }, spec: { ...{ restartPolicy: "Never" }, containers } } },
      },
    },
  };
  const command = ["--job", JOB, "--url", "https://example.com/"];
  const { signal } = new AbortController();
  const request = { task: "fetcher", job: JOB, command, limitMs: 1, signal, log: createLogger("test", "fatal") };
  const added = { "bunops.platform/owner": "worker-1", "bunops.platform/job": JOB };
  expect(jobFrom(template, request, "worker-1")).toEqual({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: `fetcher-${JOB}`, labels: { ...labels, ...added } },
    spec: {
      backoffLimit: 0,
      template: {
        metadata: { labels: { ...labels, ...added } },
        spec: { restartPolicy: "Never", containers: [{ ...containers[0], args: command }, containers[1]] },
      },
    },
  });
});

test("its name fits into a label, and is a job's own", () => {
  expect(jobName("fetcher", JOB)).toBe(`fetcher-${JOB}`);
  expect(jobName("a-task-with-quite-a-long-name", JOB)).toBe(`a-task-with-quite-a-long-n-${JOB}`);
  expect(jobName("x".repeat(40), JOB)).toHaveLength(63);
});
