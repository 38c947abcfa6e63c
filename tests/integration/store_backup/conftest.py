# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A Redis and a libSQL server, run as the platform runs them, with data in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.queue_meter.images import built
from ansible_collections.bunops.platform.tests.integration.store_backup.s3_server import S3Server
from ansible_collections.bunops.platform.tests.integration.store_backup.stores import Stores


@pytest.fixture(scope="session")
def store_images(engine: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """docker/redis.Dockerfile and docker/turso.Dockerfile, built."""
    with built(engine, tmp_path_factory.mktemp("images"), "redis", "turso") as names:
        yield names


@pytest.fixture
def stores(engine: Any, store_images: dict[str, str], project_name: str, tmp_path: Path) -> Stores:
    tmp_path.chmod(0o755)
    running = Stores(engine, store_images, project_name, tmp_path)
    running.start()
    running.fill()
    return running


@pytest.fixture
def s3_server(tmp_path: Path) -> Iterator[S3Server]:
    """An S3-compatible server with an empty bucket."""
    server = S3Server(tmp_path / "s3")
    with server.running():
        yield server
