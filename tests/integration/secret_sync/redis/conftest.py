# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The platform's own Redis image, and a Redis with the ACL file that secret_sync makes."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.run_module import Module
from ansible_collections.bunops.platform.tests.integration.secret_sync.redis.server import Server

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(scope="session")
def redis_image(engine: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """docker/redis.Dockerfile, built."""
    reference = f"bunops-test/redis:{secrets.token_hex(4)}"
    target = {"context": "docker", "dockerfile": "redis.Dockerfile", "tags": [reference], "output": ["type=docker"]}
    state = tmp_path_factory.mktemp("images")
    Module("image_set", XDG_STATE_HOME=str(state)).ok(
        definition={"target": {"redis": target}},
        bases=[{"name": "debian:bookworm-slim", "debian": "bookworm"}],
        project_src=str(ROOT),
    )
    yield reference
    engine.images.remove(reference, force=True)


Start = Callable[[Path], Server]


@pytest.fixture
def start(engine: Any, redis_image: str, project_name: str) -> Start:
    """Starts a Redis with an ACL file; it goes with the test."""
    return lambda acl: Server(engine, redis_image, f"{project_name}-{secrets.token_hex(2)}", acl)


class Secrets:
    """The module with a directory, and the values in it."""

    def __init__(self, folder: Path) -> None:
        self.directory = folder / "secrets"
        self._module = Module("secret_sync", XDG_STATE_HOME=str(folder / "state"))

    def sync(self, *names: str, **more: Any) -> dict[str, Any]:
        """Generated secrets of these names, and the ACL file of REDIS_PASSWORD."""
        given = [{"name": name, "source": {"generate": {"length": 32}}, "grace": "both"} for name in names]
        return self._module.ok(
            name="atlas",
            secrets=[{**each, "derived": ["acl"] if each["name"] == "REDIS_PASSWORD" else []} for each in given],
            targets=[{"directory": {"path": str(self.directory), "mode": "0444"}}],
            **more,
        )

    @property
    def acl(self) -> Path:
        return self.directory / "REDIS_PASSWORD.acl"

    def value(self, name: str) -> str:
        return (self.directory / name).read_text()


@pytest.fixture
def kept(tmp_path: Path) -> Secrets:
    return Secrets(tmp_path)
