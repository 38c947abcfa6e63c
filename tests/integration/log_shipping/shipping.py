# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The platform under test."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.compose import Host, compose
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.compose_guard import EngineSocket
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.names import LOG_COLLECTOR
from ansible_collections.bunops.platform.tests.cluster.programs import Module
from ansible_collections.bunops.platform.tests.integration.log_shipping.store import Store
from ansible_collections.bunops.platform.tests.integration.logs.program import PROGRAM
from ansible_collections.bunops.platform.tests.integration.queue_meter.waiting import eventually

COLLECTOR = Module("collector", Path(__file__).parent / "collector", {"otelcol": "."})
LIMIT = 60
_SCRIPT = """
n=0
while [ $n -lt 1000000 ]; do
  echo '{"level":"info","n":'$n',"msg":"counted"}'
  n=$((n + 1))
  %s
done
"""


class Shipping:
    """The service api counts in its log. store: where that goes. secret: what opens it."""

    secret = "Bearer canary-7c1f5e0a"

    def __init__(
        self,
        engine: Any,
        name: str,
        image: str,
        collector_image: str,
        store: Store,
        folder: Path,
        pause: str = "sleep 0.01",
    ) -> None:
        self.engine, self.name, self.folder = engine, name, folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        (folder / "secrets").mkdir()
        (folder / "secrets/LOGS_AUTHORIZATION").write_text(self.secret)
        api = {"image": {"ref": image}, "command": ["sh", "-c", _SCRIPT % pause], "health": {"exec": ["true"]}}
        catalog = {
            "name": name,
            "services": {"api": api},
            "secrets": {"LOGS_AUTHORIZATION": {"env": "LOGS_AUTHORIZATION"}},
            "log_store": {
                "url": store.url,
                "authorization": "LOGS_AUTHORIZATION",
                "image": collector_image,
                "port": port,
            },
        }
        host = Host(str(folder / "secrets"), "/none", EngineSocket("/var/run/docker.sock", 0))
        (folder / ".bunops").mkdir()
        (folder / ".bunops/compose.json").write_text(json.dumps(compose(Platform.parse(catalog), host)))

    def compose(self, *arguments: str) -> str:
        command = ["docker", "compose", "--file", ".bunops/compose.json", *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=LIMIT, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def start(self, *services: str) -> None:
        self.compose("up", "--detach", "--no-deps", *services)

    def logged(self) -> list[int]:
        """What `make logs` shows of what api has counted."""
        environment = {**os.environ, "FOLLOW": "false", "SERVICE": "api"}
        program = subprocess.run(
            [sys.executable, PROGRAM], cwd=self.folder, env=environment, capture_output=True, text=True, timeout=LIMIT
        )
        return [int(number) for number in re.findall(r"counted  n=(\d+)", program.stdout)]

    def container(self, service: str) -> Any:
        (found,) = self.engine.containers.list(
            all=True,
            filters={"label": [f"com.docker.compose.project={self.name}", f"com.docker.compose.service={service}"]},
        )
        return found

    def everything_said_of_the_collector(self) -> str:
        """Its log, and what the engine and its processes say of it."""
        container = self.container(LOG_COLLECTOR)
        return "\n".join(
            [
                container.logs().decode(),
                json.dumps(container.attrs),
                json.dumps(container.top()),
                self.compose("config"),
            ]
        )


def until(found: Callable[[], bool], what: str) -> None:
    """Collectors and stores take their time."""
    eventually(found, what, LIMIT)
