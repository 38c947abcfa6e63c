# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is said when a cluster cannot be built or does not come up."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.tests.cluster import host, programs, readiness, state
from ansible_collections.bunops.platform.tests.cluster.layout import Layout


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    result = Layout(tmp_path / "root")
    result.make_folders()
    result.log("kubelet").write_text("".join(f"line {number}\n" for number in range(100)))
    return result


def this_process() -> state.Process:
    process = state.Process.of(os.getpid())
    assert process is not None
    return process


def test_a_wait_that_takes_too_long_shows_the_last_log_lines(layout: Layout) -> None:
    wait = readiness.Wait(layout, this_process())
    with pytest.raises(readiness.NotReady) as raised:
        wait.until("the node is ready", lambda: False, 0.2, ["kubelet", "containerd"])
    lines = str(raised.value).splitlines()
    assert lines[0] == "Not within 0.2 s: the node is ready."
    assert lines[1] == f"Last lines of {layout.log('kubelet')}:"
    assert lines[2:] == [f"  line {number}" for number in range(88, 100)]


def test_a_wait_ends_with_the_cluster(layout: Layout) -> None:
    layout.log("supervisor").write_text("unshare: Operation not permitted\n")
    wait = readiness.Wait(layout, state.Process(2**22 + 1, 1))
    with pytest.raises(readiness.NotReady, match="ended before the node is ready") as raised:
        wait.until("the node is ready", lambda: False, 60, [])
    assert "unshare: Operation not permitted" in str(raised.value)


def go(folder: Path, version: str) -> None:
    """A stand-in on PATH."""
    folder.mkdir()
    program = folder / "go"
    program.write_text(f"#!/bin/sh\necho {version}\n")
    program.chmod(0o755)


@pytest.mark.parametrize(("version", "said"), [("go1.19.8", "is go1.19.8"), (None, "there is none")])
def test_a_go_that_is_too_old_is_refused(
    version: str | None, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if version:
        go(tmp_path / "bin", version)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(programs, "ROOT", tmp_path)
    with pytest.raises(programs.BuildError, match=r"needs Go 1\.26\.0 or newer") as raised:
        programs.provide(lambda _line: None)
    assert said in str(raised.value)
    assert "tests/cluster/prepare.yml" in str(raised.value)


def test_programs_are_named_by_their_sources() -> None:
    assert programs.folder().name.startswith("cluster-")
    assert programs.kubernetes_version().startswith("v1.")


def test_a_machine_that_lacks_programs_is_told_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(host.Unfit) as raised:
        host.check()
    assert "Not installed: containerd, ctr, runc, ip, iptables" in str(raised.value)
