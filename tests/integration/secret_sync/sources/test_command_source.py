# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Values that real programs print."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources import command
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.read import read
from ansible_collections.bunops.platform.tests.integration.secret_sync.sources.reading import (
    CANARY,
    ODD,
    refusal,
    source,
    value,
)


def shell(script: str, *arguments: str) -> dict[str, list[str]]:
    return {"argv": ["sh", "-c", script, "sh", *arguments]}


def test_what_it_prints_is_the_value() -> None:
    assert value("command", shell('printf %s "$1"', ODD)) == ODD.encode()
    assert value("command", shell("printf '\\377\\000\\n'")) == b"\xff\0"
    assert value("command", shell("printf 'a\\nb\\n'")) == b"a\nb\n"
    assert value("command", shell("exit 0")) == b""


def test_no_shell_sees_the_arguments() -> None:
    assert value("command", {"argv": ["printf", "%s", "$HOME; `id` *"]}) == b"$HOME; `id` *"


def test_it_has_the_environment_and_nothing_to_read() -> None:
    found = value("command", shell('cat; printf %s "$X"'), environment={"X": ODD})
    assert found == ODD.encode()


def test_much_output_on_both_sides_is_no_deadlock() -> None:
    found = value("command", shell("head -c 3000000 /dev/zero >&2; head -c 3000000 /dev/zero"))
    assert found == bytes(3_000_000)


def test_it_runs_once_for_all_that_want_it(tmp_path: Path) -> None:
    wanted = shell('echo run >> "$1"; echo v', str(tmp_path / "runs"))
    assert read({name: source("command", wanted) for name in "ABC"}) == {"A": b"v", "B": b"v", "C": b"v"}
    assert (tmp_path / "runs").read_text() == "run\n"


def test_neither_output_nor_arguments_are_told_when_it_fails() -> None:
    assert refusal("command", shell('echo "$1"; echo "$1" >&2; exit 3', CANARY)) == (
        "the output of the command sh cannot be read: it ended with exit code 3; expected 0"
    )
    assert "exit code -15; expected 0" in refusal("command", shell("kill $$"))


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    assert refusal("command", {"argv": ["bunops-nonesuch", CANARY]}) == (
        "the output of the command bunops-nonesuch cannot be read: the program bunops-nonesuch is not there; expected"
        " it on the PATH"
    )
    (tmp_path / "text").write_text("text")
    (tmp_path / "text").chmod(0o755)
    assert "cannot be executed: Exec format error" in refusal("command", {"argv": [str(tmp_path / "text")]})
    assert "argv is empty" in refusal("command", {"argv": []})


def test_a_program_that_hangs_ends_with_all_that_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_LIMIT", 1.0)
    begun = time.monotonic()
    script = 'sleep 60 & echo "$!" > "$1"; wait'
    said = refusal("command", shell(script, str(tmp_path / "child")))
    assert "sh runs longer than 1 s; expected it to end by then" in said
    assert time.monotonic() - begun < 20
    child = int((tmp_path / "child").read_text())
    for _unused in range(100):
        if not is_running(child):
            return
        time.sleep(0.1)
    raise AssertionError("what it started still runs")


def is_running(process: int) -> bool:
    """Not so when it has ended and nobody has looked yet."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_values_of_programs_are_in_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard output and standard error are pipes."""
    script = "for n in 1 2; do readlink /proc/$$/fd/$n; done"
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    found = value("command", shell(script)) or b""
    assert [line.partition(":")[0] for line in found.decode().split()] == ["pipe", "pipe"]
    assert list(tmp_path.iterdir()) == []
