# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Which clusters there are: the record that a killed one is found by."""

from __future__ import annotations

import dataclasses
import os
import subprocess
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.tests.cluster import state


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def this_process() -> state.Process:
    process = state.Process.of(os.getpid())
    assert process is not None
    return process


def ended_process() -> state.Process:
    with subprocess.Popen(["sleep", "60"]) as sleeper:
        process = state.Process.of(sleeper.pid)
        sleeper.kill()
    assert process is not None
    return process


def test_a_process_lives_until_it_ends() -> None:
    assert this_process().alive
    assert not ended_process().alive


def test_a_process_that_waits_to_be_reaped_has_ended() -> None:
    sleeper = subprocess.Popen(["sleep", "60"])
    process = state.Process.of(sleeper.pid)
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert process is not None
    assert not process.alive
    sleeper.wait()


def test_a_later_process_of_the_same_number_is_another() -> None:
    earlier = dataclasses.replace(this_process(), started=this_process().started - 1)
    assert not earlier.alive


def test_a_block_is_taken_once(tmp_path: Path) -> None:
    first = state.State(tmp_path / "first", 200, this_process())
    second = state.State(tmp_path / "second", 200, this_process())
    assert first.claim()
    assert not second.claim()
    assert list(state.every()) == [first]
    first.forget()
    assert second.claim()


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    known = state.State(tmp_path / "root", 201, this_process())
    assert known.claim()
    known = dataclasses.replace(known, first=ended_process())
    known.save()
    assert state.of_root(tmp_path / "root") == known
    assert state.of_root(tmp_path / "other") is None


def test_a_cluster_being_started_lives_with_its_starter_and_later_by_itself(tmp_path: Path) -> None:
    starting = state.State(tmp_path, 202, starter=this_process())
    assert starting.alive
    assert not dataclasses.replace(starting, starter=ended_process()).alive
    assert not dataclasses.replace(starting, starter=ended_process(), first=this_process()).alive, "half started"
    started = dataclasses.replace(starting, first=this_process(), ready=True)
    assert dataclasses.replace(started, starter=ended_process()).alive
    assert not dataclasses.replace(started, first=ended_process()).alive
