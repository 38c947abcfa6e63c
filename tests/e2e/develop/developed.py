"""Drives a platform that is developed on, as an engineer does: edits files, looks at what is served and at the logs."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.tests.e2e.pages import Pages
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import (
    PlatformUnderTest,
    Play,
    command,
    eventually,
)
from ansible_collections.bunops.platform.tests.e2e.sign_in import session_cookie

PORTS = {"api": 28180, "dashboard": 23100, "redis": 26479, "turso": 28181}
SERVICES = ("api", "dashboard", "worker")
# What a program says when a version of it has begun, the first one or a newer one.
BEGUN = {"api": "listening", "dashboard": "listening", "worker": "taking jobs"}
# Longer than anything that follows an edit is silent in between.
QUIET = 1.0
LIMIT = 30.0


class Log:
    """What a service has printed since a moment."""

    def __init__(self, container: str) -> None:
        self._container = container
        self._former = len(self._all())

    def lines(self) -> list[str]:
        return self._all()[self._former :]

    def entries(self) -> list[dict[str, Any]]:
        """The lines of the program's own log; Bun's are not among them."""
        return [json.loads(line) for line in self.lines() if line.startswith("{")]

    def said(self, message: str) -> list[dict[str, Any]]:
        return [entry for entry in self.entries() if entry.get("msg") == message]

    def await_text(self, text: str, limit: float = LIMIT) -> None:
        eventually(lambda: True if any(text in line for line in self.lines()) else None, limit)

    def _all(self) -> list[str]:
        # Both streams on one pipe, so that their lines come in the order in which they were printed.
        argv = ["docker", "logs", self._container]
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30, check=True)
        return done.stdout.splitlines()


def seconds(entry: dict[str, Any], since: float) -> float:
    """When a program has said that: seconds after that moment, which is one of time.time()."""
    return datetime.fromisoformat(str(entry["time"])).timestamp() - since


def await_quiet(logs: Iterable[Log]) -> None:
    """Return when none of them has been written to for a while, or one does not stop at all."""
    end = time.monotonic() + LIMIT
    former, since = -1, 0.0
    while former < 0 or time.monotonic() < min(since + QUIET, end):
        count = sum(len(log.lines()) for log in logs)
        if count != former:
            former, since = count, time.monotonic()
        time.sleep(0.1)


class Developed(PlatformUnderTest):
    """The reference platform on its `dev` stages. Its programs are a copy, so that tests may edit them."""

    def __init__(self, name: str, directory: Path, ports: Mapping[str, int] = PORTS) -> None:
        super().__init__(name, directory, ports)
        self.sources = directory / "examples/platform"
        self.file = directory / ".bunops/compose.dev.json"

    def develop(self, *arguments: str, tool: str = "compose", check: bool = True) -> Play:
        return self.play("dev.yml", "--extra-vars", f"tilt_dev_tool={tool}", *arguments, check=check)

    def clean(self) -> None:
        super().clean()
        images = command("docker", "images", "--format", "{{.Repository}}:{{.Tag}}", f"{self.name}/*:dev").split()
        if images:
            command("docker", "image", "rm", "--force", *images)

    def log(self, service: str) -> Log:
        """What the service prints from now on."""
        return Log(self.container(service))

    def states(self) -> dict[str, tuple[str, str, str, int]]:
        """Of each container, by service: id, health, when it was started, and how often its engine had to do so."""
        states = {}
        for service, identifier in self.containers().items():
            found = json.loads(command("docker", "inspect", identifier))[0]
            state = found["State"]
            # One that is just made has no health yet.
            health = state.get("Health", {}).get("Status", "")
            states[service] = (identifier, health, state["StartedAt"], found["RestartCount"])
        return states

    def await_healthy(self) -> None:
        def healthy() -> bool | None:
            return True if {state[1] for state in self.states().values()} == {"healthy"} else None

        eventually(healthy, 60)

    def served(self, service: str, path: str) -> str | None:
        """What is answered, whatever the status; None if nothing is. Each time with a new connection."""
        try:
            # Only the page itself needs a session.
            signed_in = service == "dashboard" and path == "/"
            headers = {"cookie": session_cookie(self.ports[service])} if signed_in else {}
            asked = urllib.request.Request(self.url(service, path), headers=headers)
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            return error.read().decode()
        except OSError:
            return None

    def await_served(self, service: str, path: str, text: str, limit: float = LIMIT) -> None:
        eventually(lambda: True if text in (self.served(service, path) or "") else None, limit, pause=0.02)

    @contextmanager
    def edited(self, path: str, *replacements: tuple[str, str]) -> Iterator[Path]:
        """A service's file, below the programs' folder, with other text in it; afterwards it runs the former."""
        file = self.sources / path
        former = file.read_text()
        file.write_text(replaced(former, *replacements))
        try:
            yield file
        finally:
            self.reloads(lambda: file.write_text(former), path.split("/")[0])

    def reloads(self, change: Callable[[], object], *services: str) -> dict[str, int]:
        """Make a change below the programs' folder; how often each service has then begun anew.

        Returns when those that are named have, at least once, and all are quiet.
        """
        logs = {service: self.log(service) for service in SERVICES}
        change()
        eventually(lambda: all(logs[name].said(BEGUN[name]) for name in services) or None, LIMIT)
        await_quiet(logs.values())
        return {service: len(log.said(BEGUN[service])) for service, log in logs.items()}


def replaced(text: str, *replacements: tuple[str, str]) -> str:
    """The text with replacements of what stands there once."""
    for old, new in replacements:
        assert text.count(old) == 1, f"{old} stands there {text.count(old)} times"
        text = text.replace(old, new)
    return text


class DevelopedPages(Pages):
    """The pages, on an image that is there while developing."""

    def __init__(self, platform: Developed) -> None:
        super().__init__(platform)
        self._image = f"{platform.name}/api:dev"


def has_page(port: int) -> bool:
    """Whether Tilt serves its own."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
