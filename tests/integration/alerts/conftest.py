# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""docker/prometheus.Dockerfile and docker/alertmanager.Dockerfile, built."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.run_module import Module

ROOT = Path(__file__).resolve().parents[3]
NAMES = ("prometheus", "alertmanager")


@pytest.fixture(scope="session")
def images(engine: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Their references by name."""
    tags = {name: f"bunops-test/{name}:{secrets.token_hex(4)}" for name in NAMES}
    targets = {
        name: {"context": "docker", "dockerfile": f"{name}.Dockerfile", "tags": [tag], "output": ["type=docker"]}
        for name, tag in tags.items()
    }
    Module("image_set", XDG_STATE_HOME=str(tmp_path_factory.mktemp("state"))).ok(
        definition={"target": targets},
        bases=[{"name": "debian:bookworm-slim", "debian": "bookworm"}],
        project_src=str(ROOT),
    )
    try:
        yield tags
    finally:
        for tag in tags.values():
            engine.images.remove(tag, force=True)
