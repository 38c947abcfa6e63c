"""A Docker engine that is missing, refuses, dies or has no room: one clear error each, and the next run heals."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.engine import connect
from ansible_collections.bunops.platform.tests.integration.busybox_image import ensure
from ansible_collections.bunops.platform.tests.integration.engine_faults.private_engine import PrivateEngine
from ansible_collections.bunops.platform.tests.integration.run_module import Module, result_of

IMAGE = "bunops-test/busybox:1"
NOWHERE = "unix:///nonexistent/docker.sock"
SMALL = 48 * 1024 * 1024


@pytest.fixture
def engine() -> Iterator[PrivateEngine]:
    with PrivateEngine() as running:
        ensure(connect(running.host), IMAGE)
        yield running


def project(**service: Any) -> dict[str, Any]:
    tiny = {"image": IMAGE, "pull_policy": "never", "init": True, "network_mode": "none", "stop_grace_period": "1s"}
    return {"name": "bunops-fault", "services": {"app": {**tiny, **service}}}


def bake(context: Path) -> dict[str, Any]:
    return {"target": {"big": {"context": str(context), "tags": ["bunops-fault/big:1"], "output": ["type=docker"]}}}


def dockerfile(context: Path, text: str) -> Path:
    context.mkdir()
    (context / "Dockerfile").write_text(text)
    return context


@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("compose_project", {"definition": project()}),
        ("image_set", {"definition": {"target": {"x": {"context": "/tmp", "tags": ["x:1"]}}}, "project_src": "/tmp"}),
    ],
)
def test_a_missing_engine_is_one_sentence(module: str, options: dict[str, Any]) -> None:
    failed = Module(module).run(docker_host=NOWHERE, **options)
    assert failed["failed"]
    assert failed["msg"] == (
        f"The Docker engine's socket {NOWHERE} does not exist: the engine is not running or not installed."
    )


# The rights are dropped only after everything is imported: others may not even read this Python.
ASK_WITHOUT_RIGHTS = """
import os, sys
import docker
from ansible_collections.bunops.platform.plugins.module_utils import engine
os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    engine.connect(sys.argv[1])
except engine.EngineError as error:
    print(error)
"""


def test_no_rights_on_the_socket_is_one_sentence(engine: PrivateEngine) -> None:
    engine.socket.parent.chmod(0o711)
    asked = [sys.executable, "-c", ASK_WITHOUT_RIGHTS, engine.host]
    said = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)
    assert said.stdout == (
        f"No permission to use the Docker engine at {engine.host}: run as root, "
        "or as a user in the socket's group (usually 'docker').\n"
    )
    assert said.stderr == ""


def test_an_engine_that_dies_in_the_middle_is_reported_and_the_next_run_heals(engine: PrivateEngine) -> None:
    # A health check that never ends keeps the module waiting until the engine is gone.
    waiting = project(healthcheck={"test": ["CMD", "sleep", "60"], "timeout": "60s", "start_period": "60s"})
    running = Module("compose_project").start(definition=waiting, docker_host=engine.host, wait_timeout=60)
    while not engine.docker("ps", "-q").strip():
        assert running.poll() is None
    engine.kill()
    failed = result_of(running)
    assert failed["failed"]
    assert "Docker engine" in failed["msg"]

    engine.start()
    healed = Module("compose_project").run(definition=project(), docker_host=engine.host, wait_timeout=60)
    assert not healed.get("failed"), healed
    assert [service["state"] for service in healed["services"]] == ["running"]
    again = Module("compose_project").run(definition=project(), docker_host=engine.host, wait_timeout=60)
    assert not again["changed"]


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    context = dockerfile(tmp_path / "context", f"FROM {IMAGE}\nRUN cat /dev/zero > /tmp/filler\n")
    with PrivateEngine(data_bytes=SMALL) as engine:
        ensure(connect(engine.host), IMAGE)
        failed = Module("image_set").run(definition=bake(context), project_src=str(context), docker_host=engine.host)
        assert failed["failed"]
        assert "big" in failed["msg"]
        assert "no space left on device" in failed["msg"].lower()
