# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The module as Ansible runs it (a process that reads JSON and prints JSON), and a project to try it on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.run_module import Module


@pytest.fixture
def module() -> Module:
    """The module with this process's environment."""
    return Module("compose_project")


@pytest.fixture
def definition(project_name: str, busybox_image: str, engine: Any, tmp_path: Path) -> dict[str, Any]:
    """A project with a bit of everything: health check, port, volume, config, secret, one-shot, scale 0."""
    image = f"{project_name}/app:local"
    engine.images.get(busybox_image).tag(image)
    secret = tmp_path / "password"
    secret.write_text("first")
    tiny = {"image": image, "pull_policy": "never", "init": True, "stop_grace_period": "1s"}
    return {
        "name": project_name,
        "services": {
            "web": {
                **tiny,
                "restart": "unless-stopped",
                "environment": {"LOG_LEVEL": "info", "DB_PASSWORD": "hunter2hunter2"},
                "healthcheck": {
                    "test": ["CMD", "true"],
                    "interval": "2s",
                    "start_interval": "100ms",
                    "start_period": "10s",
                },
                "networks": ["back"],
                "volumes": ["data:/data"],
                "secrets": ["password"],
                "configs": [{"source": "settings", "target": "/etc/settings"}],
                "depends_on": {"migrate": {"condition": "service_completed_successfully"}},
            },
            "worker": {
                **tiny,
                "restart": "unless-stopped",
                "networks": ["back"],
                "depends_on": {"web": {"condition": "service_healthy"}},
            },
            "migrate": {**tiny, "command": ["true"], "network_mode": "none"},
            "task": {**tiny, "scale": 0, "networks": ["egress"]},
        },
        "networks": {"back": {"internal": True}, "egress": {}},
        "volumes": {"data": {}},
        "configs": {"settings": {"content": "colour=green"}},
        "secrets": {"password": {"file": str(secret)}},
    }


def happened(result: dict[str, Any]) -> set[tuple[str, str, str]]:
    """A result's actions without their causes."""
    return {(item["resource"], item["name"], item["action"]) for item in result["actions"]}


def container_ids(engine: Any, project: str) -> dict[str, str]:
    """Container name -> id, from the engine."""
    found = engine.containers.list(all=True, filters={"label": f"com.docker.compose.project={project}"})
    return {item.name.removeprefix(f"{project}-"): item.id for item in found}
