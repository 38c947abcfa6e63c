# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A cluster leaves nothing behind, however it ends; what dies within it is started again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.tests.cluster import Cluster, removal, state
from ansible_collections.bunops.platform.tests.cluster.host import Unfit
from ansible_collections.bunops.platform.tests.integration.cluster import traces
from ansible_collections.bunops.platform.tests.integration.cluster.kubectl import Kubectl, Namespace, pod

LIMIT = 120
COMMAND = [sys.executable, "-m", "ansible_collections.bunops.platform.tests.cluster"]
STARTER = """\
import sys, time, pathlib
from ansible_collections.bunops.platform.tests.cluster import Cluster
cluster = Cluster.start(pathlib.Path(sys.argv[1]))
print("started", flush=True)
time.sleep(600)
"""


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder that a cluster may have, which is ended if the test could not."""
    folder = Path(tempfile.mkdtemp(prefix="bunops-cluster-"))
    yield folder
    cluster = Cluster.running(folder)
    if cluster:
        cluster.stop()
    shutil.rmtree(folder, ignore_errors=True)


def known_of(root: Path) -> state.State:
    known = state.of_root(root)
    assert known is not None
    return known


def command(*arguments: str) -> str:
    result = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=LIMIT, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_a_cluster_beside_another_ends_without_a_trace(own: Cluster, root: Path) -> None:
    before = traces.settings()
    cluster = Cluster.start(root)
    known = known_of(root)
    assert cluster.registry != own.registry
    found = traces.of(known)
    assert "mounts" not in found, "the cluster's mounts are its own"
    assert set(traces.KINDS) - {"mounts"} == set(found)
    cluster.stop()
    assert traces.of(known) == {}
    assert traces.settings() == before
    assert Kubectl(own).run("get", "nodes", "--output=name") == "node/node\n"


def test_a_killed_starter_takes_its_cluster_along(root: Path) -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTER, str(root)], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    assert starter.stdout.readline() == "started\n"
    known = known_of(root)
    starter.kill()
    starter.communicate()
    traces.until_gone(lambda: traces.processes(known))
    assert "packet filter" in traces.of(known), "which is for the next start to remove"
    removal.sweep()
    assert traces.of(known) == {}


def test_what_a_killed_start_has_done_is_undone(root: Path) -> None:
    starter = subprocess.Popen([*COMMAND, "up", "--root", str(root)])
    end = time.monotonic() + LIMIT
    while (known := state.of_root(root)) is None or known.first is None:
        assert time.monotonic() < end
        time.sleep(0.01)
    starter.kill()
    starter.wait()
    assert Cluster.running(root) is None, "it is not ready and never will be"
    removal.sweep()
    assert traces.of(known) == {}


def test_up_after_a_kill_and_down(root: Path) -> None:
    command("up", "--root", str(root))
    known = known_of(root)
    assert known.first is not None
    os.kill(known.first.pid, signal.SIGKILL)
    traces.until_gone(lambda: traces.processes(known))
    assert f"{root}: was killed" in subprocess.run([*COMMAND, "status"], capture_output=True, text=True).stdout
    assert "Started in" in command("up", "--root", str(root))
    assert "Started in" not in command("up", "--root", str(root)), "it runs already"
    again = known_of(root)
    assert str(root / "kubeconfig") in command("status", "--root", str(root))
    command("down", "--root", str(root))
    assert traces.of(again) == {}
    assert traces.of(known) == {}


def test_a_root_with_other_files_is_refused(root: Path) -> None:
    (root / "file").touch()
    with pytest.raises(Unfit, match="is not empty, and not a cluster's"):
        Cluster.start(root)
    assert (root / "file").exists()


def test_a_root_is_refused_while_its_cluster_runs(own: Cluster) -> None:
    with pytest.raises(Unfit, match=r"runs below .* already"):
        Cluster.start(own.kubeconfig.parent)


def test_components_are_started_again(own: Cluster, namespace: Namespace, image: str) -> None:
    """The pod lives on: only what manages it was away."""
    namespace.apply(pod("stays", image, "sleep", "600"))
    namespace.wait("pod", "stays", "condition=Ready")
    container = "--output=jsonpath={.status.containerStatuses[0].containerID}"
    before = namespace.run("get", "pod", "stays", container)
    for component in ("etcd", "kube-apiserver", "containerd", "kubelet"):
        # One that needs another may be away, too, when that is killed.
        killed = _pid_other_than(own, component, None)
        os.kill(killed, signal.SIGKILL)
        _pid_other_than(own, component, killed)
    namespace.kubectl.until_it_answers("get", "--raw=/readyz")
    in_it = (f"--namespace={namespace.name}", "exec", "stays", "--", "echo", "here")
    assert namespace.kubectl.until_it_answers(*in_it) == "here\n"
    namespace.wait("pod", "stays", "condition=Ready")
    assert namespace.run("get", "pod", "stays", container) == before


def _pid_other_than(own: Cluster, component: str, killed: int | None) -> int:
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        try:
            if (pid := own.pid(component)) != killed:
                return pid
        except LookupError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"{component} was not started again")
