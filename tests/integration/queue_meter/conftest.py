# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The images, a Redis and a meter for all tests here, and BullMQ in three versions."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.conftest import remove_project
from ansible_collections.bunops.platform.tests.integration.docker_guard.under_test import bun
from ansible_collections.bunops.platform.tests.integration.queue_meter.images import JOBS, built
from ansible_collections.bunops.platform.tests.integration.queue_meter.platform_redis import PlatformRedis
from ansible_collections.bunops.platform.tests.integration.queue_meter.under_test import Meter

# Package of a version of BullMQ, and the queue that is filled with it.
BULLMQ = {"bullmq4": "fetch4", "bullmq5": "fetch5", "bullmq": "fetch6"}
QUEUES = [
    *({"store": "redis", "name": name, "type": "bullmq"} for name in BULLMQ.values()),
    {"store": "redis", "name": "never", "type": "bullmq"},
    {"store": "redis", "name": "many", "type": "bullmq"},
    {"store": "redis", "name": "todo:list", "type": "list"},
    {"store": "redis", "name": "todo:stream", "type": "stream", "group": "mail"},
]


@pytest.fixture(scope="session")
def images(engine: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """docker/redis.Dockerfile and docker/queue-meter.Dockerfile, built."""
    with built(engine, tmp_path_factory.mktemp("images")) as names:
        yield names


@pytest.fixture(scope="session")
def network(engine: Any) -> Iterator[str]:
    """A network's name; everything else here is called after it."""
    name = f"bunops-test-{secrets.token_hex(4)}"
    engine.networks.create(name)
    yield name
    remove_project(engine, name)


def readable(folder: Path) -> Path:
    """The folder, for user 1000 in a container: pytest's own are for nobody else."""
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="session")
def redis(engine: Any, images: dict[str, str], network: str, tmp_path_factory: pytest.TempPathFactory) -> PlatformRedis:
    return PlatformRedis(engine, images["redis"], network, readable(tmp_path_factory.mktemp("redis")))


@pytest.fixture(scope="session")
def meter(engine: Any, images: dict[str, str], network: str, tmp_path_factory: pytest.TempPathFactory) -> Meter:
    return Meter(engine, images["queue-meter"], network, QUEUES, readable(tmp_path_factory.mktemp("meter")))


Steps = Callable[..., None]


@pytest.fixture(scope="session")
def jobs(redis: PlatformRedis, tmp_path_factory: pytest.TempPathFactory) -> Steps:
    """Does steps with a version of BullMQ; jobs/jobs.js tells which there are."""
    folder = tmp_path_factory.mktemp("bullmq") / "jobs"
    shutil.copytree(JOBS, folder, ignore=shutil.ignore_patterns("node_modules"))
    subprocess.run([bun(), "install", "--frozen-lockfile"], cwd=folder, check=True, timeout=300)

    def do(package: str, *steps: list[Any]) -> None:
        argv = [bun(), "jobs.js", package, redis.url, BULLMQ[package], json.dumps(steps)]
        subprocess.run(argv, cwd=folder, check=True, timeout=60)

    return do


@pytest.fixture
def empty(redis: PlatformRedis) -> None:
    """Removes what earlier tests put into the queues."""
    with redis.connect() as connection:
        for name in BULLMQ.values():
            left = _keys(connection, f"bull:{name}:*")
            if left:
                connection("DEL", *left)


def _keys(connection: Any, pattern: str) -> list[str]:
    cursor, found = "0", []
    while True:
        cursor, keys = connection("SCAN", cursor, "MATCH", pattern, "COUNT", "1000")
        found.extend(keys)
        if cursor == "0":
            return found
