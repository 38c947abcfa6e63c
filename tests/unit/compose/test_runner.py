# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Child processes: output, time limits, whole process groups, secrets."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.plugins.module_utils import runner


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_exit_code_and_output() -> None:
    done = runner.run(["sh", "-c", "cat; echo out; echo err >&2; exit 3"], stdin="in\n", timeout=10)
    assert done == runner.Completed(3, "in\nout\n", "err\n")


def test_environment_and_directory(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "COLOUR": "green"}
    assert runner.run(["sh", "-c", "echo $COLOUR; pwd"], env=env, cwd=str(tmp_path), timeout=10).stdout == (
        f"green\n{tmp_path}\n"
    )


def test_secrets_do_not_come_back() -> None:
    done = runner.run(["echo", "abc abcdef"], timeout=10, secrets=["abc", "abcdef", ""])
    assert done.stdout == f"{runner.MASK} {runner.MASK}\n"


def test_much_output_does_not_block() -> None:
    child = runner.start(["sh", "-c", "head -c 3000000 /dev/zero"])
    assert len(child.wait(20).stdout) == 3000000


def test_a_late_process_ends_with_its_children() -> None:
    started = time.monotonic()
    child = runner.start(["sh", "-c", "sleep 100 & echo $!; wait"])
    with pytest.raises(runner.ToolTimeout, match=r"'sh' did not end within 0\.5 seconds"):
        child.wait(0.5)
    assert time.monotonic() - started < 5
    grandchild = int(child.completed().stdout)
    deadline = time.monotonic() + 5
    while alive(grandchild) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(grandchild)


def test_a_stubborn_process_is_killed() -> None:
    child = runner.start(["sh", "-c", "trap '' TERM; while true; do sleep 0.1; done"])
    time.sleep(0.2)
    child.stop(grace=0.3)
    assert child.poll() == -9


def test_missing_program_and_directory() -> None:
    with pytest.raises(runner.ToolMissing, match="'nonesuch' is not installed or not on the PATH"):
        runner.run(["nonesuch"], timeout=1)
    with pytest.raises(runner.RunnerError, match="The directory '/nonesuch' does not exist"):
        runner.run(["true"], cwd="/nonesuch", timeout=1)


def test_a_broken_program(tmp_path: Path) -> None:
    program = tmp_path / "broken"
    program.write_text("not a program")
    program.chmod(0o755)
    with pytest.raises(runner.ToolMissing, match="cannot be executed"):
        runner.run([str(program)], timeout=1)


def test_last_lines() -> None:
    assert runner.last_lines("a\n\nb  \nccccc\n", 2, width=3) == ["b", "ccc"]
