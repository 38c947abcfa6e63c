# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A Tilt that stays: it is found again, told what is new, and taken down."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.bunops.platform.tests.integration.tilt_session.conftest import (
    HEALTHY,
    Project,
    free_port,
    listens,
    needs_tilt,
)

pytestmark = needs_tilt

NOWHERE = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
    "users": [{"name": "u", "user": {"token": "t"}}],
    "contexts": [{"name": "nowhere", "context": {"cluster": "c", "user": "u"}}],
    "current-context": "nowhere",
}
TWO = 'local_resource("one", "true")\nlocal_resource("two", "true")\n'


def containers(engine: Any, project: Project) -> list[str]:
    """Names of the project's containers."""
    found = engine.containers.list(all=True, filters={"label": f"com.docker.compose.project={project.name}"})
    return [item.name for item in found]


def test_it_stays_until_it_is_taken_down(project: Project, engine: Any) -> None:
    compose = project.services(web={"healthcheck": HEALTHY})
    project.write(f'{compose}local_resource("serve", serve_cmd = "exec sleep 3600")\n')
    first = project.ok("up")
    assert first["changed"]
    assert first["url"] == f"http://localhost:{project.port}/"
    assert [(item["name"], item["runtime"]) for item in first["resources"]] == [("web", "ok"), ("serve", "ok")]
    assert first["resources"][0]["health"] == "healthy"
    log = Path(first["log"])
    assert log == project.folder / ".bunops/tilt.log"
    assert (log.stat().st_mode & 0o777, log.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    (pid,) = project.pids()
    assert os.getsid(pid) == pid

    second = project.ok("up")
    assert not second["changed"]
    assert second["resources"] == first["resources"]
    assert "diff" not in second
    assert project.pids() == [pid]

    foreseen = project.ok("down", check=True)
    assert foreseen["changed"]
    assert project.pids() == [pid]

    down = project.ok("down")
    assert down["changed"]
    assert down["msg"] == foreseen["msg"]
    assert f"end Tilt (process {pid})" in down["msg"]
    assert not project.pids()
    assert not listens(project.port)
    assert not containers(engine, project)

    again = project.ok("down")
    assert not again["changed"]
    assert again["msg"].startswith("nothing: ")


def test_its_containers_are_taken_down_without_it(project: Project, engine: Any) -> None:
    project.write(project.services(web={}))
    project.ok("up")
    (pid,) = project.pids()
    os.kill(pid, signal.SIGKILL)
    assert containers(engine, project)
    result = project.ok("down")
    assert result["changed"]
    assert f"1 container of the Compose project {project.name}" in result["diff"]["before"]
    assert not containers(engine, project)


def test_other_arguments(project: Project) -> None:
    project.write(TWO)
    project.ok("up")
    (pid,) = project.pids()
    result = project.ok("up", args=["one"])
    assert result["changed"]
    assert result["msg"] == "give Tilt other arguments: args: found none, expected one"
    assert {item["name"]: item["build"] for item in result["resources"]} == {"one": "ok", "two": "none"}
    assert not project.ok("up", args=["one"])["changed"]
    assert project.ok("up")["changed"]
    assert project.pids() == [pid]


def test_another_tiltfile_is_on_the_port(project: Project, tmp_path: Path) -> None:
    """Nothing is changed, whatever is asked for; to take the other one down is no harm to this one."""
    project.write(TWO)
    project.ok("up")
    (pid,) = project.pids()
    other = tmp_path / "Tiltfile"
    other.write_text(TWO)
    for state in ("up", "ci"):
        result = project.failing(state, tiltfile=str(other))
        assert not result["changed"]
        assert f"port {project.port}: found Tilt with {project.tiltfile} (process {pid}), expected" in result["msg"]
    assert not project.ok("down", tiltfile=str(other))["changed"]
    assert project.pids() == [pid]


def test_something_else_is_on_the_port(project: Project) -> None:
    project.write(TWO)
    with socket.create_server(("127.0.0.1", project.port)):
        result = project.failing("up")
    assert f"port {project.port}: found a process that is no Tilt of this user, expected" in result["msg"]


def test_the_tiltfile_fails(project: Project) -> None:
    """Its error is the message, at once, and no Tilt stays behind."""
    project.write('fail("this machine has no name")\n')
    began = time.monotonic()
    result = project.failing("up")
    assert time.monotonic() - began < 15
    assert not result["changed"]
    assert "this machine has no name" in result["msg"]
    assert not project.pids()


def test_the_cluster_gives_no_answer(project: Project) -> None:
    """Tilt would never ask it again, so none stays behind; what it made there can be told no more."""
    kubeconfig = project.folder / "kubeconfig"
    kubeconfig.write_text(yaml.safe_dump(NOWHERE))
    project.module = project.with_environment(KUBECONFIG=str(kubeconfig))
    settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}}
    project.write(f'allow_k8s_contexts("nowhere")\nk8s_yaml(encode_yaml({settings}))\n')
    for state in ("up", "ci", "down"):
        result = project.failing(state)
        assert "https://127.0.0.1:1" in result["msg"]
        assert not result["changed"]
        assert not project.pids()


def test_a_resource_fails(project: Project) -> None:
    """It is named, and Tilt stays to take up what mends it."""
    flag = project.folder / "flag"
    flag.write_text("bad")
    project.write(f'local_resource("picky", "cat {flag}; grep -q good {flag}", deps = ["{flag}"])\n')
    result = project.failing("up")
    assert result["changed"]
    assert "picky (build): " in result["msg"]
    assert project.pids()
    still = project.failing("up")
    assert not still["changed"]
    flag.write_text("good")
    deadline = time.monotonic() + 20
    while (result := project.run("up")).get("failed"):
        assert time.monotonic() < deadline, result["msg"]
        time.sleep(0.5)
    assert not result["changed"]


def test_a_resource_is_not_ready_in_time(project: Project) -> None:
    probe = "readiness_probe = probe(exec = exec_action(['false']), period_secs = 1)"
    project.write(f'local_resource("never", serve_cmd = "exec sleep 3600", {probe})\n')
    result = project.failing("up", timeout=8)
    assert "not ready after 8 seconds" in result["msg"]
    assert [item["resource"] for item in result["failures"]] == ["never"]


def test_without_waiting(project: Project) -> None:
    project.write('local_resource("slow", "exec sleep 600")\n')
    result = project.ok("up", wait=False)
    assert result["changed"]
    assert [item["name"] for item in result["resources"]] == ["slow"]
    assert not project.ok("up", wait=False)["changed"]


def test_check_mode_starts_nothing(project: Project) -> None:
    project.write(TWO)
    result = project.ok("up", check=True)
    assert result["changed"]
    assert result["diff"] == {
        "before": f"no Tilt on port {project.port}\n",
        "after": f"Tilt on port {project.port} with {project.tiltfile}\n",
    }
    assert not project.pids()
    assert not (project.folder / ".bunops").exists()


def test_nothing_goes_to_the_internet(project: Project) -> None:
    """Whatever Tilt would ask for outside goes to a proxy, and nothing arrives there."""
    project.write(TWO)
    with socket.create_server(("127.0.0.1", free_port())) as proxy:
        proxy.settimeout(0.5)
        address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        project.module = project.with_environment(HTTP_PROXY=address, HTTPS_PROXY=address, ALL_PROXY=address)
        project.ok("up")
        project.ok("down")
        project.ok("ci")
        with pytest.raises(TimeoutError):
            proxy.accept()
