"""Seats, time limits, sweeps and ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.tests.integration.docker_guard.engine_client import Engine
from ansible_collections.bunops.platform.tests.integration.docker_guard.under_test import MAIN, Guard, bun

Policy = Callable[..., dict[str, Any]]


def _wait_until_gone(engine: Engine, project: str, limit: float) -> float:
    begin = time.monotonic()
    while engine.containers(project):
        assert time.monotonic() - begin < limit, f"still there after {limit} s"
        time.sleep(0.2)
    return time.monotonic() - begin


def test_of_twenty_creates_at_once_four_get_a_seat(guard: Guard, engine: Engine, project: str) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: guard.create("sleep 60"), range(20)))
    assert Counter(answer.status for answer in answers) == {201: 4, 429: 16}
    assert len(engine.containers(project)) == 4
    message = "docker guard: 4 containers of task task exist; allowed at once: 4"
    assert {answer.message for answer in answers if answer.status == 429} == {message}


def test_a_freed_seat_is_given_again(policy: Policy, tmp_path: Path) -> None:
    with Guard(policy(atOnce=1), tmp_path) as guard:
        first = guard.start("sleep 60")
        assert guard.create("true").status == 429
        assert guard.call("DELETE", f"/containers/{first}?force=1").status == 204
        assert guard.run("true") == (0, "", "")


def test_a_task_beyond_its_time_is_removed(policy: Policy, engine: Engine, project: str, tmp_path: Path) -> None:
    with Guard(policy(timeoutSeconds=1), tmp_path) as guard:
        identifier = guard.start("sleep 600", job="7")
        waited = guard.call("POST", f"/containers/{identifier}/wait")
        # 1 s, 10 s of grace, at most one round of 5 s.
        assert _wait_until_gone(engine, project, 20) < 20
        assert waited.json["StatusCode"] == 137
        (swept,) = (line for line in guard.log() if line["msg"] == "swept")
        assert (swept["job"], swept["reason"]) == ("7", "older than its time limit of 1 s plus 10 s")


def test_what_a_killed_guard_left_is_swept_by_the_next(
    policy: Policy, engine: Engine, project: str, task_image: str, tmp_path: Path
) -> None:
    bystander = engine.start({"Image": task_image, "Cmd": ["/bin/sleep", "300"]})
    try:
        with Guard(policy(), tmp_path) as first:
            left = {first.start("sleep 600"), first.start("true"), first.create("true").json["Id"]}
            assert first.end(signal.SIGKILL) == -signal.SIGKILL
            assert set(engine.containers(project)) == left
            with Guard(policy(), tmp_path) as second:
                assert engine.containers(project) == []
                assert second.run("echo again") == (0, "again\n", "")
        assert engine.is_running(bystander)
    finally:
        engine.remove(bystander)


def test_a_terminated_guard_removes_its_tasks_and_its_socket(
    policy: Policy, engine: Engine, project: str, tmp_path: Path
) -> None:
    with Guard(policy(), tmp_path) as guard:
        guard.start("sleep 600")
        begin = time.monotonic()
        assert guard.end(signal.SIGTERM) == 0
        assert time.monotonic() - begin < 5
        assert engine.containers(project) == []
        assert not guard.socket.exists()


def test_health_is_what_the_sockets_answer(guard: Guard) -> None:
    assert guard.health().returncode == 0
    guard.end(signal.SIGTERM)
    unhealthy = guard.health()
    assert unhealthy.returncode == 1
    assert json.loads(unhealthy.stdout)["msg"] == f"no answer on {guard.socket}"


def test_a_policy_with_a_fault_ends_the_guard_with_one_sentence(policy: Policy) -> None:
    environment = {**os.environ, "GUARD_POLICY": json.dumps(policy(user="0:0"))}
    ended = subprocess.run([bun(), str(MAIN)], env=environment, capture_output=True, timeout=20, check=False)
    (line,) = ended.stdout.splitlines()
    assert (ended.returncode, ended.stderr) == (2, b"")
    assert json.loads(line)["msg"] == (
        'GUARD_POLICY.services.worker.tasks.task.user: "0:0" is not a numeric uid:gid other than root\'s, '
        "such as 1000:1000"
    )
