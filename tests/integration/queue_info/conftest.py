# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The platform's Redis with real jobs, and servers without its ACL file."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.conftest import remove_project
from ansible_collections.bunops.platform.tests.integration.queue_info.asking import Observer
from ansible_collections.bunops.platform.tests.integration.queue_info.servers import Network, Server
from ansible_collections.bunops.platform.tests.integration.queue_meter.conftest import (
    empty,
    images,
    jobs,
    network,
    redis,
)
from ansible_collections.bunops.platform.tests.integration.queue_meter.platform_redis import PlatformRedis

__all__ = ["empty", "images", "jobs", "network", "redis"]


@pytest.fixture
def queue(redis: PlatformRedis) -> Observer:
    return Observer(redis)


@pytest.fixture(scope="module")
def servers(engine: Any, images: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Starts servers in a network of their own; all of them go with the file's last test."""
    name = f"bunops-test-{secrets.token_hex(4)}"
    yield Network(engine, images["redis"], name, tmp_path_factory.mktemp("servers"))
    remove_project(engine, name)


@pytest.fixture(scope="module")
def server(servers: Network) -> Server:
    """A Redis whose user ``default`` may do everything, without a password."""
    return servers.start("open")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that the user of the containers may write to."""
    tmp_path.chmod(0o777)
    return tmp_path
