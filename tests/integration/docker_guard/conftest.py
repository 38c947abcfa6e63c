from __future__ import annotations

import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.docker_guard.engine_client import Engine, pack
from ansible_collections.bunops.platform.tests.integration.docker_guard.under_test import Guard

APPLETS = "base64 cat chroot grep head id mount sh sleep touch unshare"


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine()


def _static_busybox(folder: Path) -> Path:
    """Debian's and Ubuntu's package, unpacked and not installed."""
    subprocess.run(["apt-get", "download", "busybox-static"], cwd=folder, check=True, capture_output=True, timeout=120)
    (package,) = folder.glob("*.deb")
    subprocess.run(["dpkg-deb", "-x", str(package), str(folder / "package")], check=True, timeout=60)
    (binary,) = (folder / "package").glob("**/bin/busybox")
    return binary


@pytest.fixture(scope="session")
def task_image(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An image from scratch with a shell and a few commands."""
    folder = tmp_path_factory.mktemp("busybox")
    links = {f"bin/{name}": "busybox" for name in APPLETS.split()}
    pack(folder / "root.tar", {"bin/busybox": _static_busybox(folder)}, links)
    name = engine.import_image(folder / "root.tar", "bunops-guard-test", uuid.uuid4().hex[:12])
    yield name
    engine.remove_image(name)


@pytest.fixture
def project(engine: Engine) -> Iterator[str]:
    """The name of a project that is this test's own; whatever it leaves is removed."""
    name = f"guard-test-{uuid.uuid4().hex[:8]}"
    yield name
    for identifier in engine.containers(name):
        engine.remove(identifier)


@pytest.fixture
def policy(project: str, task_image: str, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Makes a policy of one service with one task; keywords change fields of the task."""

    def make(**changes: object) -> dict[str, Any]:
        task = {
            "image": task_image,
            "atOnce": 4,
            "timeoutSeconds": 60,
            "env": {"PATH": "/bin", "EGRESS": "none"},
            "network": "none",
            "user": "1000:1001",
            "memoryBytes": 67108864,
            "nanoCpus": 500000000,
            "pids": 32,
            "shmBytes": 8388608,
            "tmpfs": {"/tmp": "rw,nosuid,nodev,size=1048576,mode=1777"},
            "seccomp": "chrome",
        }
        socket = str(tmp_path / "worker.sock")
        return {"project": project, "services": {"worker": {"socket": socket, "tasks": {"task": {**task, **changes}}}}}

    return make


@pytest.fixture
def guard(policy: Callable[..., dict[str, Any]], tmp_path: Path) -> Iterator[Guard]:
    with Guard(policy(), tmp_path) as running:
        yield running
