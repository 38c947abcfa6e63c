import { expect, test } from "bun:test";
import { hostname } from "node:os";
import { ConfigError } from "@platform/shared/config";
import { workerConfig } from "./config.ts";
import { dockerOptions } from "./docker_runner.ts";

const ENV = {
  REDIS_URL: "redis://redis:6379",
  TURSO_URL: "http://turso:8081",
  FETCHER_AT_ONCE: "4",
  FETCHER_TIMEOUT_SECONDS: "30",
  DOCKER_HOST: "unix:///run/docker-guard/docker.sock",
};

test("the environment that the catalog gives", () => {
  expect(workerConfig(ENV)).toMatchObject({ atOnce: 4, timeoutSeconds: 30, dockerHost: ENV.DOCKER_HOST, owner: hostname() });
});

test("what is missing is named", () => {
  const { FETCHER_AT_ONCE: _, DOCKER_HOST: __, ...env } = ENV;
  expect(() => workerConfig(env)).toThrow(
    new ConfigError(
      "FETCHER_AT_ONCE: found nothing, expected a whole number, 1 to 1000\n" +
        "DOCKER_HOST: found nothing, expected a URL that starts with unix:// or tcp:// or http://",
    ),
  );
});

test("the ways to the Docker API", () => {
  expect(dockerOptions("unix:///var/run/docker.sock")).toEqual({ socketPath: "/var/run/docker.sock" });
  expect(dockerOptions("tcp://docker:2376")).toEqual({ protocol: "http", host: "docker", port: 2376 });
  expect(dockerOptions("tcp://docker")).toEqual({ protocol: "http", host: "docker", port: 2375 });
});
