import { describe, expect, test } from "bun:test";
import { hostname } from "node:os";
import { ConfigError } from "@platform/shared/config";
import { workerConfig } from "./config.ts";
import { dockerOptions } from "./docker_runner.ts";

const COMMON = {
  REDIS_URL: "redis://redis:6379",
  TURSO_URL: "http://turso:8081",
  FETCHER_AT_ONCE: "4",
  FETCHER_TIMEOUT_SECONDS: "30",
};
const DOCKER = { ...COMMON, DOCKER_HOST: "unix:///run/docker-guard/docker.sock" };
const KUBERNETES = { ...COMMON, TASK_RUNNER: "kubernetes", TASKS_NAMESPACE: "atlas-tasks", KUBERNETES_SERVICE_HOST: "10.96.0.1" };

describe("the environment that the catalog gives", () => {
  test("with Docker", () => {
    const runner = { kind: "docker" as const, host: DOCKER.DOCKER_HOST };
    expect(workerConfig(DOCKER)).toMatchObject({ atOnce: 4, timeoutSeconds: 30, runner, owner: hostname() });
    expect(workerConfig({ ...DOCKER, TASK_RUNNER: "docker" }).runner).toEqual(runner);
  });

  test("with Kubernetes", () => {
    const { runner } = workerConfig({ ...KUBERNETES, KUBERNETES_SERVICE_PORT: "6443" });
    expect(runner).toEqual({ kind: "kubernetes", url: "https://10.96.0.1:6443", namespace: "atlas-tasks" });
  });

  test("with Kubernetes on IPv6", () => {
    expect(workerConfig({ ...KUBERNETES, KUBERNETES_SERVICE_HOST: "fd00::1" }).runner).toMatchObject({ url: "https://[fd00::1]:443" });
  });
});

describe("what is missing or wrong is named:", () => {
  const { FETCHER_AT_ONCE: _, DOCKER_HOST: __, ...docker } = DOCKER;
  const { TASKS_NAMESPACE: ___, KUBERNETES_SERVICE_HOST: ____, ...kubernetes } = KUBERNETES;
  test.each([
    [
      docker,
      "FETCHER_AT_ONCE: found nothing, expected a whole number, 1 to 1000\n" +
        "DOCKER_HOST: found nothing, expected a URL that starts with unix:// or tcp:// or http://",
    ],
    [
      kubernetes,
      "KUBERNETES_SERVICE_HOST: found nothing, expected the address of the Kubernetes API\n" +
        "TASKS_NAMESPACE: found nothing, expected the namespace of the tasks",
    ],
    [{ ...DOCKER, TASK_RUNNER: "podman" }, 'TASK_RUNNER: found "podman", expected one of docker, kubernetes'],
  ])("%#", (env, problems) => expect(() => workerConfig(env)).toThrow(new ConfigError(problems)));
});

test("the ways to the Docker API", () => {
  expect(dockerOptions("unix:///var/run/docker.sock")).toEqual({ socketPath: "/var/run/docker.sock" });
  expect(dockerOptions("tcp://docker:2376")).toEqual({ protocol: "http", host: "docker", port: 2376 });
  expect(dockerOptions("tcp://docker")).toEqual({ protocol: "http", host: "docker", port: 2375 });
});
