"""The guard as a process, and its client."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from ansible_collections.bunops.platform.tests.integration.docker_guard.engine_client import Answer, request

ROOT = Path(__file__).resolve().parents[3]
MAIN = ROOT / "docker/guard/src/main.ts"

READY_LIMIT = 20


def bun() -> str:
    """The Bun that runs the guard: ``BUNOPS_BUN``, else the one on PATH."""
    found = os.environ.get("BUNOPS_BUN") or shutil.which("bun")
    assert found, "no bun: put it on PATH or set BUNOPS_BUN to its path"
    return found


class Guard:
    """``with Guard(policy, folder) as guard:`` runs it from source; leaving ends it."""

    def __init__(self, policy: Mapping[str, Any], folder: Path) -> None:
        self.socket = Path(policy["services"]["worker"]["socket"])
        self._log = folder / "guard.log"
        self._environment = {**os.environ, "GUARD_POLICY": json.dumps(policy)}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Guard:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen([bun(), str(MAIN)], env=self._environment, stdout=log)
        limit = time.monotonic() + READY_LIMIT
        while "listening" not in [line["msg"] for line in self.log()]:
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < limit, f"not ready in {READY_LIMIT} s: {self._log.read_text()}"
            time.sleep(0.05)
        return self

    def __exit__(self, _type: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self.end(signal.SIGTERM)

    def end(self, number: signal.Signals) -> int:
        """Ends the guard with a signal and returns its exit code."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(number)
        return self._process.wait(timeout=READY_LIMIT)

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._log.read_text().splitlines()]

    def health(self) -> subprocess.CompletedProcess[bytes]:
        """What the container's health check does."""
        argv = [bun(), str(MAIN), "health"]
        return subprocess.run(argv, env=self._environment, capture_output=True, timeout=READY_LIMIT, check=False)

    def call(self, method: str, path: str, body: object = None) -> Answer:
        return request(self.socket, method, path, body)

    def create(self, *command: str, **labels: str) -> Answer:
        """Creates a task container that runs a shell command line; ``labels``: owner and job."""
        names = {f"bunops.platform.{name}": value for name, value in labels.items()}
        return self.call(
            "POST", "/v1.45/containers/create", {"Image": "task", "Cmd": ["sh", "-c", *command], "Labels": names}
        )

    def start(self, *command: str, **labels: str) -> str:
        """Creates and starts a task container and returns its id."""
        created = self.create(*command, **labels)
        assert created.status == 201, created.body
        identifier = str(created.json["Id"])
        started = self.call("POST", f"/containers/{identifier}/start")
        assert started.status == 204, started.body
        return identifier

    def run(self, *command: str) -> tuple[int, str, str]:
        """Runs a task to its end: exit code, standard output, standard error."""
        identifier = self.start(*command)
        logs = self.call("GET", f"/containers/{identifier}/logs?follow=true&stdout=true&stderr=true")
        code = self.call("POST", f"/containers/{identifier}/wait").json["StatusCode"]
        assert self.call("DELETE", f"/containers/{identifier}").status == 204
        return code, *logs.output()
