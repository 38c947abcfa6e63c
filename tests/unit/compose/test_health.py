# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""When a container counts as well, as pending, or as given up; containers as a real engine described them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.compose.health import SETTLE, Verdict, Watch
from ansible_collections.bunops.platform.plugins.module_utils.compose.model import Container
from ansible_collections.bunops.platform.tests.unit.compose.support import project_of, recorded

HEALTHCHECK = {"test": ["CMD", "true"]}
PROJECT = project_of(
    {
        "services": {
            "healthy": {"healthcheck": HEALTHCHECK, "restart": "unless-stopped"},
            "starting": {"healthcheck": HEALTHCHECK},
            "unhealthy": {"healthcheck": HEALTHCHECK},
            "finished": {},
            "failed": {},
            "looping": {"restart": "always"},
            "plain": {},
            "paused": {},
            "oom": {},
            "killed": {"restart": "unless-stopped"},
            "created": {},
        }
    }
)


def judge(container: Container, *before: Container, applying: bool = False, now: float = 100.0) -> Verdict:
    """The verdict on one container that is seen for the first time at `now`."""
    return Watch(PROJECT, before).judge([container.service], [container], now, applying)[0]


@pytest.mark.parametrize(
    ("name", "problem", "pending"),
    [
        ("healthy", "", ""),
        ("starting", "", "its health check has not passed yet"),
        ("unhealthy", "it is unhealthy", ""),
        ("finished", "", ""),
        ("failed", "it ended with exit code 3", ""),
        ("looping", "it restarts in a loop (5 restarts during this run, last exit code 1)", ""),
        ("plain", "", "it has just started"),
        ("paused", "", "it is paused"),
        ("killed", "it ended with exit code 137", ""),
        ("oom", "it ended with exit code 137", ""),
        ("created", "it could not be started: it was never started", ""),
    ],
)
def test_new_container(name: str, problem: str, pending: str) -> None:
    verdict = judge(recorded(name))
    assert (verdict.problem, verdict.pending) == (problem, pending)


@pytest.mark.parametrize("name", ["created", "failed", "finished", "killed"])
def test_not_yet_started_while_compose_is_at_work(name: str) -> None:
    """Containers as they were before the run are not judged until Compose has had its turn."""
    assert judge(recorded(name), recorded(name), applying=True).pending == "it is not started yet"


def test_old_failure_counts_after_compose_is_done() -> None:
    assert judge(recorded("failed"), recorded("failed")).problem == "it could not be started: exit code 3"


def test_the_engines_own_words_on_a_failed_start() -> None:
    container = replace(recorded("created"), error="driver failed programming external connectivity")
    assert "external connectivity" in judge(container).problem


def test_only_restarts_of_this_run_count() -> None:
    looping = recorded("looping")
    before = replace(looping, restart_count=looping.restart_count - 2)
    assert judge(looping, before).pending == "it was restarted after exit code 1"
    assert judge(looping, replace(looping, restart_count=looping.restart_count - 3)).problem
    # A start by hand sets the engine's counter back to 0.
    assert judge(replace(looping, restart_count=2), looping).pending


def test_a_process_without_health_check_has_to_stay_up() -> None:
    plain = recorded("plain")
    watch = Watch(PROJECT, ())
    assert watch.judge(["plain"], [plain], 10.0, False)[0].pending == "it has just started"
    assert watch.judge(["plain"], [plain], 10.0 + SETTLE, False)[0].fine
    restarted = replace(plain, started_at="2030-01-01T00:00:00Z")
    assert watch.judge(["plain"], [restarted], 10.5 + SETTLE, False)[0].pending == "it has just started"


def test_a_process_that_ran_before_is_trusted() -> None:
    assert judge(recorded("plain"), recorded("plain")).fine


def test_what_is_about_to_be_replaced_is_not_judged() -> None:
    old = recorded("unhealthy")
    watch = Watch(PROJECT, [old], {old.id})
    assert watch.judge(["unhealthy"], [old], 0.0, True)[0].pending == "it is not replaced yet"
    assert watch.judge(["unhealthy"], [old], 0.0, False)[0].problem == "it is unhealthy"


def test_missing_containers() -> None:
    watch = Watch(PROJECT, ())
    assert watch.judge(["plain"], [], 0.0, True)[0].pending == "0 of 1 containers exist"
    assert watch.judge(["plain"], [], 0.0, False)[0].problem == "0 of 1 containers exist"


def test_a_service_that_is_to_keep_running_does_not_end_well() -> None:
    ended = replace(recorded("finished"), service="healthy")
    assert judge(ended).problem.startswith("it ended with exit code 0, but")
    by_hand = replace(ended, restart_policy="unless-stopped")
    assert judge(by_hand, applying=True).pending == "it was stopped"


def test_facts_of_recorded_containers() -> None:
    healthy, oom = recorded("healthy"), recorded("oom")
    assert (oom.oom_killed, oom.exit_code, oom.status) == (True, 137, "exited")
    assert [(port.host_ip, port.host_port, port.container_port, port.protocol) for port in healthy.ports] == [
        ("127.0.0.1", 18377, 80, "tcp")
    ]
    assert healthy.volumes == ("atlas_data",)
    assert list(healthy.networks) == ["atlas_back"]
    assert (healthy.restart_policy, healthy.number, healthy.service) == ("unless-stopped", 1, "healthy")
    assert recorded("unhealthy").health_log[-1]["Output"] == "connection refused\n"
    assert healthy.former_settings is None
