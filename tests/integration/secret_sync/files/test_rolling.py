# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Real containers that mount secrets: users of a changed one are restarted once, and brought back if they fail."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import RolloutError, SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.directory import Directory
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import Files, Holding, Rollout
from ansible_collections.bunops.platform.tests.unit.secrets.targets.file_targets import directory, plain, sync

GOOD, BAD, OTHER = "canary-good-zq1w", "canary-bad-'\"$\\x-xk7v", "canary-other-wv0z"
FIRST, SECOND = plain(A=GOOD.encode(), B=OTHER.encode()), plain(A=BAD.encode(), B=OTHER.encode())
# Each start is a line in a file of the machine, and the value that it saw.
START = "cat /run/secrets/A /run/secrets/B >>/starts 2>/dev/null; echo >>/starts; "
REJECTS = (
    START + 'if grep -q bad /run/secrets/A; then echo "no login with $(cat /run/secrets/A)"; exit 3; fi; sleep 3600'
)
SLEEPS = START + "sleep 3600"
SICK = {
    "test": [
        "CMD-SHELL",
        'cat /run/secrets/A; echo " $(cat /run/secrets/A)" | tr " " "\\n"; ! grep -q bad /run/secrets/A',
    ],
    "interval": 200_000_000,
    "retries": 2,
    "start_period": 0,
}
Start = Callable[..., str]


class Run:
    """A run up to the rollout."""

    def __init__(self, path: Path, wanted: Mapping[str, Files]) -> None:
        self.target: Directory = directory(path)
        self.before: Holding = self.target.observe()
        changed = sorted(name for name in wanted if self.before.get(name, (0, 0, {}))[2] != wanted[name])
        self.after: Holding = self.target.next(self.before, wanted, changed)
        rollout = self.target.rollout(self.before, self.after, sorted(self.after))
        assert rollout is not None
        self.rollout: Rollout = rollout
        self.users = [each.rpartition("-")[2] for each in rollout.users()]
        self.is_change = bool(changed)

    def write(self) -> Run:
        if self.is_change:
            self.target.write(self.before, self.after)
        return self

    def take_back(self) -> None:
        self.target.restore(self.before, self.after)
        self.rollout.back()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    sync(directory(tmp_path / "secrets"), FIRST)
    return tmp_path / "secrets"


@pytest.fixture
def start(engine: Any, project_name: str, busybox_image: str, tmp_path: Path, path: Path) -> Start:
    """Starts a container that mounts secrets and notes its starts; gives back its name."""

    def started(name: str, script: str = SLEEPS, *, secrets: str = "A", **options: Any) -> str:
        full = f"{project_name}-{name}"
        (tmp_path / name).write_text("")
        mounts = {f"{path}/{each}": f"/run/secrets/{each}" for each in secrets}
        binds = [f"{source}:{target}:ro" for source, target in mounts.items()] + [f"{tmp_path / name}:/starts"]
        engine.containers.run(
            busybox_image,
            ["sh", "-c", script],
            name=full,
            detach=True,
            init=True,
            volumes=binds,
            network_mode="none",
            **options,
        )
        return full

    return started


@pytest.fixture
def starts(tmp_path: Path) -> Callable[[str], list[str]]:
    """What a container saw at each of its starts."""
    return lambda name: (tmp_path / name).read_text().splitlines()


Starts = Callable[[str], list[str]]


def test_only_those_that_use_a_changed_secret_are_restarted_and_once(
    path: Path, start: Start, starts: Starts, engine: Any, project_name: str, busybox_image: str
) -> None:
    start("api")
    start("both", secrets="AB")
    start("other", secrets="B")
    start("none", secrets="")
    start("healthy", healthcheck={**SICK, "test": ["CMD", "true"]})
    start("once", labels={"com.docker.compose.oneoff": "True"})
    start("task", labels={"bunops.platform.project": "atlas"})
    engine.api.stop(start("stopped"), timeout=0)
    folder = f"{path}:/run/secrets:ro"
    whole = f"{project_name}-whole"
    engine.containers.run(busybox_image, name=whole, detach=True, volumes=[folder], network_mode="none")

    run = Run(path, SECOND).write()
    assert run.users == ["api", "both", "healthy", "whole"]
    assert starts("api") == [GOOD]
    begun = time.monotonic()
    run.rollout.roll(60)
    # Side by side: each alone has to stay up for three seconds.
    assert time.monotonic() - begun < 10
    assert {name: starts(name) for name in ("api", "both", "healthy")} == {
        "api": [GOOD, BAD],
        "both": [GOOD + OTHER, BAD + OTHER],
        "healthy": [GOOD, BAD],
    }
    assert {name: starts(name) for name in ("other", "none", "once", "task", "stopped")} == {
        "other": [OTHER],
        "none": [""],
        "once": [GOOD],
        "task": [GOOD],
        "stopped": [GOOD],
    }
    assert Run(path, SECOND).users == []
    assert starts("api") == [GOOD, BAD]


def test_users_of_a_version_from_a_run_that_was_killed_are_restarted(path: Path, start: Start, starts: Starts) -> None:
    start("before")
    Run(path, SECOND).write()
    start("after")
    run = Run(path, SECOND)
    assert (run.is_change, run.users) == (False, ["before"])
    run.rollout.roll(60)
    assert (starts("before"), starts("after")) == ([GOOD, BAD], [BAD])
    assert Run(path, SECOND).users == []


def test_a_version_that_came_back_is_new_to_who_runs(path: Path, start: Start, starts: Starts) -> None:
    run = Run(path, SECOND).write()
    start("api")
    run.target.restore(run.before, run.after)
    again = Run(path, FIRST)
    assert (again.is_change, again.users) == (False, ["api"])
    again.rollout.roll(60)
    assert starts("api") == [BAD, GOOD]


def assert_secret(text: str) -> None:
    """Nothing of the values, whole or cut."""
    assert [part for part in ("canary", "zq1w", "xk7v", "wv0z") if part in text] == []


def test_a_container_that_ends_with_the_new_value_gets_the_former_one_back(
    path: Path, start: Start, starts: Starts
) -> None:
    name, fine = start("api", REJECTS), start("fine")
    run = Run(path, SECOND).write()
    with pytest.raises(RolloutError) as caught:
        run.rollout.roll(60)
    text = str(caught.value)
    assert text.splitlines() == [
        "Containers that use a changed secret do not run with it:",
        f"container {name}: it ended with exit code 3",
        "  last log lines:",
        "    no login with ********",
    ]
    assert_secret(text)
    run.take_back()
    assert (starts("api"), starts("fine")) == ([GOOD, BAD, GOOD], [GOOD, BAD, GOOD])
    assert Run(path, FIRST).users == []
    assert fine


def test_an_unhealthy_container_is_told_without_values(path: Path, start: Start, starts: Starts) -> None:
    name = start("api", healthcheck=SICK)
    run = Run(path, SECOND).write()
    with pytest.raises(
        RolloutError, match=f"container {name}: it is unhealthy\n  last health check: exit code 1: "
    ) as caught:
        run.rollout.roll(60)
    assert_secret(str(caught.value))
    run.take_back()
    assert starts("api") == [GOOD, BAD, GOOD]


def test_a_container_that_restarts_in_a_loop_is_told(path: Path, start: Start, engine: Any) -> None:
    name = start("api", REJECTS, restart_policy={"Name": "always"})
    run = Run(path, SECOND).write()
    with pytest.raises(RolloutError, match=rf"container {name}: it restarts in a loop \(last exit code 3\)") as caught:
        run.rollout.roll(60)
    assert_secret(str(caught.value))
    run.take_back()
    assert engine.api.inspect_container(name)["State"]["Running"]


def test_waiting_has_an_end(path: Path, start: Start) -> None:
    name = start("api", healthcheck={**SICK, "retries": 1000})
    run = Run(path, SECOND).write()
    begun = time.monotonic()
    with pytest.raises(RolloutError) as caught:
        run.rollout.roll(2)
    assert time.monotonic() - begun < 8
    assert f"container {name}: its health check has not passed yet, and wait_timeout is over" in str(caught.value)
    assert_secret(str(caught.value))


def test_a_container_that_cannot_start_again_is_told(path: Path, start: Start) -> None:
    name = start("api")
    run = Run(path, SECOND).write()
    (path / "A").unlink()
    (path / "A").mkdir()
    with pytest.raises(RolloutError, match=f"container {name}: it cannot be started again: ") as caught:
        run.rollout.roll(20)
    assert_secret(str(caught.value))


def test_one_that_fails_again_with_the_former_value_is_told(path: Path, start: Start) -> None:
    name = start("api", START + "test $(grep -c canary /starts) = 1 || exit 4; sleep 3600")
    run = Run(path, SECOND).write()
    with pytest.raises(RolloutError, match="exit code 4"):
        run.rollout.roll(20)
    with pytest.raises(
        SecretError, match=f"do not run with the former secrets either:\ncontainer {name}: it ended with exit code 4"
    ):
        run.take_back()


def test_back_without_roll_restarts_nothing(path: Path, start: Start, starts: Starts) -> None:
    start("api")
    Run(path, SECOND).write().take_back()
    assert starts("api") == [GOOD]


def test_without_an_engine_it_is_one_sentence(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}/none.sock")
    with pytest.raises(SecretError) as caught:
        Run(path, SECOND)
    assert str(caught.value) == (
        f"directory {path}: who uses its secrets cannot be found or restarted. The Docker engine's socket "
        f"unix://{path}/none.sock does not exist: the engine is not running or not installed."
    )


def test_without_the_library_it_is_one_sentence(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "docker", None)
    with pytest.raises(
        SecretError, match=r"cannot be found or restarted\. The Python library 'docker' is not installed\."
    ):
        Run(path, SECOND)


def test_secrets_of_compose_are_links_that_a_restart_follows(
    path: Path, tmp_path: Path, project_name: str, busybox_image: str
) -> None:
    service = {"image": busybox_image, "pull_policy": "never", "network_mode": "none", "secrets": ["A"], "init": True}
    document = {"name": project_name, "services": {"api": service}, "secrets": {"A": {"file": f"{path}/A"}}}
    (tmp_path / "compose.json").write_text(json.dumps(document))

    def compose(*argv: str) -> str:
        command = ["docker", "compose", "--file", str(tmp_path / "compose.json"), *argv]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout

    compose("up", "--detach")
    read = ("exec", "-T", "api", "cat", "/run/secrets/A")
    assert compose(*read) == GOOD
    run = Run(path, SECOND).write()
    run.target.collect(keep=1)
    # It still has the file that it began with, although that one's generation is gone.
    assert compose(*read) == GOOD
    compose("restart", "--timeout", "0")
    assert compose(*read) == BAD
    Run(path, FIRST).write().rollout.roll(60)
    assert compose(*read) == GOOD
