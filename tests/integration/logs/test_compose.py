# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The log of a real Compose project: two services that print what is known."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.tests.integration.logs.program import LIMIT, PROGRAM

# Job ids are not words that something else may say.
JOB = "019ac6b2-7d1e-7c52-9a53-4f1d2c8e6b10"
LATER_SECONDS = 2


class Platform:
    """Its api logs the first and the last line, its worker those between them and, later, one that is no JSON."""

    def __init__(self, name: str, image: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self._start = datetime.now(UTC)
        api = [
            self._line(0, "api", job=JOB, url="https://example.com/", msg="job accepted"),
            self._line(9, "api", "warn", job=JOB, err={"stack": "Error: gone\n    at show"}, msg="request failed"),
        ]
        worker = [
            self._line(1, "worker", job=JOB, attempt=1, msg="job started"),
            self._line(2, "worker", job=JOB, task="fetcher", url="https://example.com/", msg="fetching"),
            self._line(3, "worker", job=JOB, status=200, msg="job done"),
        ]
        services = {"api": _service(image, api), "worker": _service(image, worker, later="later")}
        (folder / ".bunops").mkdir()
        (folder / ".bunops/compose.json").write_text(json.dumps({"name": name, "services": services}))
        # Nothing of it matters to this program.
        (folder / "compose.yml").write_text("services: {other: {image: other}}")

    def _line(self, seconds: int, service: str, level: str = "info", **fields: object) -> str:
        return json.dumps({"level": level, "time": self._time(seconds).isoformat(), "service": service, **fields})

    def _time(self, seconds: int) -> datetime:
        return self._start + timedelta(seconds=seconds)

    def clock(self, seconds: int) -> str:
        return self._time(seconds).strftime("%H:%M:%S.%f")[:-3]

    def compose(self, *arguments: str) -> None:
        command = ["docker", "compose", "--file", ".bunops/compose.json", *arguments]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True, timeout=LIMIT)

    def logs(self, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, PROGRAM],
            cwd=self.folder,
            env={**os.environ, "TZ": "UTC", **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def shown(self, **variables: str) -> tuple[int, str, str]:
        program = self.logs(**variables)
        output, errors = program.communicate(timeout=LIMIT)
        return program.returncode, output, errors

    def readers(self) -> list[bytes]:
        """The processes that read its log."""
        found = []
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                found.append(file.read_bytes())
        return [command for command in found if {self.name.encode(), b"logs"} <= {*command.split(b"\0")}]


def _service(image: str, lines: list[str], later: str = "") -> dict[str, object]:
    script = f'echo "$$LINES"; sleep {LATER_SECONDS}; echo {later}; exec sleep 3600'
    return {
        "image": image,
        "pull_policy": "never",
        "network_mode": "none",
        "environment": {"LINES": "\n".join(lines)},
        "command": ["sh", "-c", script],
    }


@pytest.fixture
def platform(project_name: str, busybox_image: str, tmp_path: Path) -> Iterator[Platform]:
    made = Platform(project_name, busybox_image, tmp_path)
    yield made
    assert made.readers() == []


def test_the_way_of_a_job(platform: Platform) -> None:
    platform.compose("up", "--detach")
    end = time.monotonic() + LIMIT
    while len((shown := platform.shown(JOB=JOB))[1].splitlines()) < 7:
        assert time.monotonic() < end, shown
    assert shown == (
        0,
        f"""\
{platform.clock(0)} api          info  job accepted  job={JOB} url=https://example.com/
{platform.clock(1)} worker       info  job started  job={JOB} attempt=1
{platform.clock(2)} fetcher      info  fetching  job={JOB} url=https://example.com/
{platform.clock(3)} worker       info  job done  job={JOB} status=200
{platform.clock(9)} api          warn  request failed  job={JOB}
    Error: gone
        at show
""",
        "",
    )
    # What has ended has a log too.
    platform.compose("stop", "--timeout=0")
    assert platform.shown(JOB=JOB) == shown


def test_following(platform: Platform) -> None:
    platform.compose("up", "--detach")
    program = platform.logs(FOLLOW="true", SERVICE="worker")
    assert program.stdout is not None
    lines = [program.stdout.readline() for _line in range(3)]
    assert [line.split()[1] for line in lines] == ["worker"] * 3
    assert [line.split("  ")[-2].split("info")[-1].strip() for line in lines[:2]] == ["job started", "job done"]
    assert lines[2].endswith("later\n")
    assert len(platform.readers()) >= 1
    program.send_signal(signal.SIGINT)
    assert program.communicate(timeout=LIMIT) == ("", "")
    assert program.returncode == 0


def test_nothing_runs(platform: Platform) -> None:
    problem = f"logs: the project {platform.name} has no containers; `make local` starts them\n"
    assert platform.shown() == (1, "", problem)


def test_no_engine(platform: Platform) -> None:
    code, output, errors = platform.shown(DOCKER_HOST="unix:///nowhere/docker.sock")
    assert (code, output, errors.count("\n")) == (1, "", 1)
    assert errors.startswith("logs: docker: ")
    assert "/nowhere/docker.sock" in errors
