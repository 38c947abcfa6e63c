# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The module as Ansible runs it (a process that reads JSON and prints JSON), and a project to try it on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MODULE = "ansible_collections.bunops.platform.plugins.modules.compose_project"


class Module:
    """Runs compose_project and checks the shape of what it returns."""

    def __init__(self, environment: dict[str, str] | None = None) -> None:
        self._environment = {**os.environ, **(environment or {})}

    def run(self, *, check: bool = False, **options: Any) -> dict[str, Any]:
        """The module's result, failed or not."""
        arguments = {**options, "_ansible_check_mode": check, "_ansible_diff": True}
        done = subprocess.run(
            [sys.executable, "-m", MODULE],
            input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}),
            text=True,
            capture_output=True,
            check=False,
            env=self._environment,
            cwd="/",
            timeout=180,
        )
        assert done.stdout.lstrip().startswith("{"), done.stdout + done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        result.pop("invocation", None)
        return result

    def ok(self, **options: Any) -> dict[str, Any]:
        """The result of a run that must not fail."""
        result = self.run(**options)
        assert not result.get("failed"), result["msg"]
        return result

    def failing(self, **options: Any) -> dict[str, Any]:
        """The result of a run that must fail with a sentence, not with a traceback."""
        result = self.run(**options)
        assert result.get("failed"), result
        assert "Traceback" not in json.dumps(result)
        return result


@pytest.fixture
def module() -> Module:
    """The module with this process's environment."""
    return Module()


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
