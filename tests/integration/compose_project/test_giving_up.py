# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A service that gives up ends the run at once, with all that helps to understand why."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.compose_project.conftest import container_ids
from ansible_collections.bunops.platform.tests.integration.run_module import Module

LIMIT = 60
HEALTH = {"interval": "1s", "start_interval": "100ms", "start_period": "1s", "timeout": "1s"}
# Settings of a failing service, and what its failure must say.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ends with an error": (
        {"command": ["sh", "-c", "echo no such table; exit 3"]},
        {"cause": "it ended with exit code 3", "exit_code": 3, "log": ["no such table"]},
    ),
    "ends with an error after a while": (
        {"command": ["sh", "-c", "sleep 0.5; exit 4"]},
        {"cause": "it ended with exit code 4", "exit_code": 4},
    ),
    "restarts in a loop": (
        {"command": ["sh", "-c", "echo again; exit 1"], "restart": "always"},
        {"cause": "it restarts in a loop", "exit_code": 1},
    ),
    "gives up after retries": (
        {"command": ["false"], "restart": "on-failure:1"},
        {"cause": "it ended with exit code 1", "exit_code": 1},
    ),
    "unhealthy": (
        {"healthcheck": {**HEALTH, "test": ["CMD", "sh", "-c", "echo connection refused; exit 1"], "retries": 1}},
        {"cause": "it is unhealthy", "exit_code": None, "health": "exit code 1: connection refused"},
    ),
    "out of memory": (
        {"command": ["tail", "/dev/zero"], "mem_limit": "8m", "memswap_limit": "8m"},
        {"cause": "it ended with exit code 137", "exit_code": 137, "oom_killed": True},
    ),
    "command not found": ({"command": ["nonesuch"]}, {"cause": "it could not be started", "exit_code": None}),
    "ends though it has a port": (
        {"command": ["true"], "ports": ["127.0.0.1::80"], "healthcheck": {**HEALTH, "test": ["CMD", "true"]}},
        {"cause": "it ended with exit code 0, but", "exit_code": 0},
    ),
}


@pytest.fixture
def project(project_name: str, busybox_image: str) -> dict[str, Any]:
    """A failing service, one that waits for it, and one that has nothing to do with it."""
    tiny = {"image": busybox_image, "pull_policy": "never"}
    return {
        "name": project_name,
        "services": {
            "broken": {**tiny},
            "dependent": {**tiny, "depends_on": {"broken": {"condition": "service_healthy"}}},
            "other": {**tiny},
        },
    }


@pytest.mark.parametrize("case", CASES)
def test_says_why_at_once(case: str, module: Module, project: dict[str, Any], engine: Any) -> None:
    settings, expected = CASES[case]
    project["services"]["broken"].update(settings)
    if "healthcheck" not in settings:
        project["services"]["dependent"]["depends_on"]["broken"]["condition"] = "service_started"
    started = time.monotonic()
    result = module.failing(definition=project, wait_timeout=LIMIT)
    assert time.monotonic() - started < LIMIT / 3
    failures = {item["service"]: item for item in result.get("failures", [])}
    assert "broken" in failures, result["msg"]
    failure = failures["broken"]
    assert failure["cause"].startswith(expected["cause"])
    assert {key: failure[key] for key in expected if key != "cause"} == {
        key: value for key, value in expected.items() if key != "cause"
    }
    assert expected["cause"] in result["msg"]
    # The container stays for inspection, and what was started is reported.
    assert "broken-1" in container_ids(engine, project["name"])
    assert ("broken", "created") in {(item["service"], item["action"]) for item in result["actions"]}


def test_not_ready_in_time(module: Module, project: dict[str, Any]) -> None:
    project["services"]["broken"]["healthcheck"] = {
        **HEALTH,
        "test": ["CMD", "sh", "-c", "echo still warming up; exit 1"],
        "start_period": "60s",
    }
    started = time.monotonic()
    result = module.failing(definition=project, wait_timeout=4)
    assert time.monotonic() - started < 15
    assert "not ready after 4 seconds" in result["msg"]
    assert {item["service"]: item["cause"] for item in result["failures"]} == {
        "broken": "its health check has not passed yet",
        "dependent": "it is not started yet",
    }
    assert "still warming up" in result["msg"]


def test_every_failing_service_is_named(module: Module, project: dict[str, Any]) -> None:
    for name in ("broken", "other"):
        project["services"][name]["command"] = ["sh", "-c", f"echo {name} says no; sleep 0.2; exit 5"]
    del project["services"]["dependent"]
    result = module.failing(definition=project)
    assert "says no" in result["msg"]
    assert {item["service"] for item in result["failures"]} <= {"broken", "other"}


def test_secrets_do_not_show_in_logs(module: Module, project: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-a-file-4711\n")
    project["secrets"] = {"key": {"file": str(tmp_path / "key")}}
    project["services"]["broken"].update(
        secrets=["key"],
        environment={"API_TOKEN": "abcdef123456", "QUEUE_URL": "redis://app:topsecret@queue:6379"},
        command=["sh", "-c", "env; cat /run/secrets/key; echo using abcdef123456; echo password=letmein; exit 1"],
    )
    result = module.failing(definition=project)
    for value in ("abcdef123456", "topsecret", "letmein", "from-a-file-4711"):
        assert value not in result["msg"]
        assert value not in str(result["failures"])
    assert "********" in result["msg"]


def test_long_logs_are_cut(module: Module, project: dict[str, Any]) -> None:
    project["services"]["broken"]["command"] = [
        "sh",
        "-c",
        "i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); done; exit 1".replace("$", "$$"),
    ]
    result = module.failing(definition=project)
    log = next(item for item in result["failures"] if item["service"] == "broken")["log"]
    assert log == [f"line {number}" for number in range(290, 300)]


def test_the_next_run_heals(module: Module, project: dict[str, Any]) -> None:
    project["services"]["broken"].update(command=["false"], restart="always")
    module.failing(definition=project)
    del project["services"]["broken"]["command"], project["services"]["dependent"]
    healed = module.ok(definition=project)
    assert ("broken", "recreated") in {(item["service"], item["action"]) for item in healed["actions"]}
    assert not module.ok(definition=project)["changed"]


def test_an_unhealthy_service_is_recreated(module: Module, project: dict[str, Any], engine: Any) -> None:
    del project["services"]["dependent"]
    project["services"]["broken"]["healthcheck"] = {
        **HEALTH,
        "test": ["CMD", "test", "!", "-e", "/tmp/sick"],
        "retries": 1,
        "start_period": "5s",
    }
    module.ok(definition=project)
    container = engine.containers.get(f"{project['name']}-broken-1")
    container.exec_run(["touch", "/tmp/sick"])
    while engine.api.inspect_container(container.id)["State"]["Health"]["Status"] != "unhealthy":
        time.sleep(0.2)
    planned = module.ok(definition=project, check=True)
    healed = module.ok(definition=project)
    assert planned["msg"] == healed["msg"] == "recreate broken: it is unhealthy"
    assert [(item["service"], item["action"]) for item in healed["actions"]] == [("broken", "recreated")]


def test_without_waiting_nothing_is_judged(module: Module, project: dict[str, Any]) -> None:
    project["services"]["broken"]["command"] = ["sh", "-c", "sleep 1; exit 1"]
    project["services"]["dependent"]["depends_on"]["broken"]["condition"] = "service_started"
    assert module.ok(definition=project, wait=False)["changed"]
