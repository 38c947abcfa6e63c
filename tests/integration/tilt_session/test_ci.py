# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""`tilt ci`: what each resource came to, and why some fail."""

from __future__ import annotations

import time
from typing import Any

from ansible_collections.bunops.platform.tests.integration.tilt_session.conftest import (
    HEALTHY,
    Project,
    listens,
    needs_tilt,
)

pytestmark = needs_tilt


def states(result: dict[str, Any]) -> dict[str, tuple[str, str, str]]:
    """Kind, build and runtime of each resource of a result."""
    return {item["name"]: (item["kind"], item["build"], item["runtime"]) for item in result["resources"]}


def test_all_is_healthy(project: Project, engine: Any) -> None:
    """It says how everything came out, ends Tilt, and leaves running what it has started."""
    compose = project.services(
        web={"healthcheck": HEALTHY}, worker={"depends_on": {"web": {"condition": "service_healthy"}}}
    )
    button = 'local_resource("button", "false", auto_init = False, trigger_mode = TRIGGER_MODE_MANUAL)\n'
    project.write(f'{compose}local_resource("prepare", "echo prepared")\n{button}')
    result = project.ok("ci")
    assert result["changed"]
    assert states(result) == {
        "web": ("compose", "ok", "ok"),
        "worker": ("compose", "ok", "ok"),
        "prepare": ("local", "ok", "not_applicable"),
        "button": ("local", "none", "not_applicable"),
    }
    assert all(item["built_at"] for item in result["resources"] if item["name"] != "button")
    assert result["diff"]["after"].startswith(f"tilt ci with {project.tiltfile}")
    assert not listens(project.port)
    assert not project.pids()
    running = engine.containers.list(filters={"label": f"com.docker.compose.project={project.name}"})
    assert len(running) == 2


def test_a_command_fails(project: Project) -> None:
    """The failed resource is named with its error and its log, without secrets."""
    project.write(
        'local_resource("fine", "true")\n'
        'local_resource("broken", "echo cannot reach the store; echo password=hunter2hunter2; exit 3")\n'
    )
    result = project.failing("ci")
    assert "broken (build): " in result["msg"]
    assert "exit status 3" in result["msg"]
    (failure,) = result["failures"]
    assert failure["resource"] == "broken"
    assert "cannot reach the store" in failure["log"]
    assert "hunter2hunter2" not in str(result)


def test_a_container_ends_with_an_error(project: Project) -> None:
    """A service that does not run is named with its exit code and its last words."""
    compose = project.services(web={}, api={"command": ["sh", "-c", "echo no configuration; exit 3"]})
    project.write(compose)
    result = project.failing("ci")
    assert result["changed"]
    assert {item["resource"] for item in result["failures"]} == {"api"}
    assert "no configuration" in result["msg"]


def test_the_tiltfile_fails(project: Project) -> None:
    """Its error is the message, at once."""
    project.write('fail("this machine has no name")\n')
    began = time.monotonic()
    result = project.failing("ci")
    assert time.monotonic() - began < 15
    assert "this machine has no name" in result["msg"]


def test_the_tiltfile_cannot_be_read(project: Project) -> None:
    project.write("local_resource(\n")
    assert "Tiltfile:2" in project.failing("ci")["msg"]


def test_it_takes_too_long(project: Project) -> None:
    """What is not ready is named; Tilt and its commands end."""
    project.write('local_resource("slow", "exec sleep 600")\n')
    result = project.failing("ci", timeout=4)
    assert "not done after 4 seconds" in result["msg"]
    assert [item["resource"] for item in result["failures"]] == ["slow"]
    assert not project.pids()


def test_there_is_no_engine(project: Project) -> None:
    """The engine is named, not one error for each service."""
    project.write(project.services(web={}))
    away = Project(project.folder, project.name, "", project.port, project.folder.parent / "tilt")
    away.module = away.with_environment(DOCKER_HOST="unix:///nonexistent/docker.sock")
    assert "/nonexistent/docker.sock" in away.failing("ci")["msg"]


def test_check_mode_runs_nothing(project: Project, engine: Any) -> None:
    project.write(project.services(web={}))
    result = project.ok("ci", check=True)
    assert result["changed"]
    assert result["msg"] == f"run tilt ci with {project.tiltfile}: it is run each time"
    label = f"com.docker.compose.project={project.name}"
    assert not engine.containers.list(all=True, filters={"label": label})
