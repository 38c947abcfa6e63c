# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A project with a Tiltfile of its own, a free port, and a Tilt that keeps its files in a directory of the test."""

from __future__ import annotations

import os
import shutil
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.bunops.platform.tests.integration.run_module import Module

HEALTHY = {"test": ["CMD", "true"], "interval": "2s", "start_interval": "100ms", "start_period": "10s"}
needs_tilt = pytest.mark.skipif(shutil.which("tilt") is None, reason="there is no tilt on the PATH")


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Whether something listens on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Project:
    """A folder with a Compose file and a Tiltfile, and the module on them."""

    def __init__(self, folder: Path, name: str, image: str, port: int, home: Path) -> None:
        self.folder = folder
        self.name = name
        self.port = port
        self.tiltfile = folder / "Tiltfile"
        self._tiny = {"image": image, "pull_policy": "never", "init": True, "stop_grace_period": "1s"}
        self.environment = {"TILT_DEV_DIR": str(home), "XDG_CACHE_HOME": str(home / "cache")}
        self.module = self.with_environment()

    def with_environment(self, **variables: str) -> Module:
        """The module with more variables."""
        return Module("tilt_session", **self.environment, **variables)

    def services(self, **services: dict[str, Any]) -> str:
        """Write the Compose file; the call that the Tiltfile needs for it."""
        complete = {name: {**self._tiny, **item} for name, item in services.items()}
        document = {"name": self.name, "services": complete}
        (self.folder / "compose.yml").write_text(yaml.safe_dump(document))
        return f'docker_compose("compose.yml", project_name = "{self.name}", wait = True)\n'

    def write(self, text: str) -> None:
        """Write the Tiltfile."""
        self.tiltfile.write_text(text)

    def run(self, state: str, **options: Any) -> dict[str, Any]:
        """The result of a run, failed or not."""
        return self.module.run(state=state, **{**self.where, **options})

    def ok(self, state: str, **options: Any) -> dict[str, Any]:
        """The result of a run that must not fail."""
        return self.module.ok(state=state, **{**self.where, **options})

    def failing(self, state: str, **options: Any) -> dict[str, Any]:
        """The result of a run that must fail with a sentence."""
        return self.module.failing(state=state, **{**self.where, **options})

    @property
    def where(self) -> dict[str, Any]:
        """The options that all runs have."""
        return {"tiltfile": str(self.tiltfile), "port": self.port, "timeout": 90}

    def pids(self) -> list[int]:
        """Processes of a Tilt with this Tiltfile."""
        found = []
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                words = os.fsdecode((entry / "cmdline").read_bytes()).split("\0") if entry.name.isdigit() else [""]
                if Path(words[0]).name == "tilt" and str(self.tiltfile) in words:
                    found.append(int(entry.name))
        return found


@pytest.fixture
def project(project_name: str, busybox_image: str, tmp_path: Path) -> Iterator[Project]:
    """A project without a Tiltfile yet; a Tilt that runs with it is ended afterwards."""
    folder, home = tmp_path / "project", tmp_path / "tilt"
    folder.mkdir()
    home.mkdir()
    made = Project(folder, project_name, busybox_image, free_port(), home)
    yield made
    for pid in made.pids():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
