# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Values in this process's environment and in files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.secrets import dotenv_text
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.read import read
from ansible_collections.bunops.platform.tests.integration.secret_sync.sources.reading import (
    CANARY,
    ODD,
    refusal,
    source,
    value,
)

NOBODY = 65534


def test_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUNOPS_TEST_KEY", ODD)
    assert value("env", "BUNOPS_TEST_KEY") == ODD.encode()
    monkeypatch.setenv("BUNOPS_TEST_KEY", "")
    assert value("env", "BUNOPS_TEST_KEY") == b""
    monkeypatch.delenv("BUNOPS_TEST_KEY")
    assert value("env", "BUNOPS_TEST_KEY") is None


def test_a_variable_need_not_be_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUNOPS_TEST_KEY", os.fsdecode(b"\xff\xfea"))
    assert value("env", "BUNOPS_TEST_KEY") == b"\xff\xfea"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (ODD.encode(), ODD.encode()),
        (b"line\n", b"line"),
        (b"line\n\n", b"line\n\n"),
        (b"one\ntwo\n", b"one\ntwo\n"),
        (b"\n", b""),
        (b"", b""),
        (bytes(range(256)), bytes(range(256))),
    ],
)
def test_a_file(tmp_path: Path, content: bytes, expected: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    assert value("file", str(tmp_path / "key")) == expected


def test_a_file_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text(CANARY)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert value("file", "~/key") == CANARY.encode()


def test_no_file_is_no_value_and_no_error(tmp_path: Path) -> None:
    assert value("file", str(tmp_path / "gone")) is None
    assert value("dotenv", {"path": str(tmp_path / "gone")}) is None


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    assert refusal("file", str(tmp_path)) == (
        f"the file {tmp_path} cannot be read: Is a directory; expected a readable file"
    )
    (tmp_path / "key").write_text(CANARY)
    assert refusal("file", f"{tmp_path}/key/deeper") == (
        f"the file {tmp_path}/key/deeper cannot be read: Not a directory; expected a readable file"
    )


def test_a_file_of_somebody_else(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(CANARY)
    (tmp_path / "key").chmod(0)
    was = os.geteuid()
    os.seteuid(NOBODY if was == 0 else was)
    try:
        said = refusal("file", str(tmp_path / "key"))
    finally:
        os.seteuid(was)
    assert "cannot be read: Permission denied" in said


def test_keys_of_a_dotenv_file(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    escaped = ODD.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    path.write_text(f'# ours\nexport SECRET="{escaped}"\nOTHER=plain # comment\nEMPTY=\n')
    assert value("dotenv", {"path": str(path)}) == ODD.encode()
    assert value("dotenv", {"path": str(path), "key": "OTHER"}) == b"plain"
    assert value("dotenv", {"path": str(path), "key": "EMPTY"}) == b""
    assert value("dotenv", {"path": str(path), "key": "GONE"}) is None


def test_what_the_target_of_that_kind_writes_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    values = {"SECRET": ODD.encode(), "OTHER": b"\\'`\r$", "PLAIN": b"a b#c"}
    path.write_bytes(dotenv_text.render(values, ["a comment"]))
    assert {key: value("dotenv", {"path": str(path), "key": key}) for key in values} == values


def test_a_broken_dotenv_file_is_told_without_its_text(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(f"A=1\nSECRET='{CANARY}\n")
    assert refusal("dotenv", {"path": str(path)}) == (
        f"SECRET in the file {path} cannot be read: line 2 has a quote that is not closed, or something after it;"
        " expected the form of a .env file"
    )


def test_a_file_is_opened_once_for_all_of_its_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / ".env"
    path.write_text("".join(f"K{n}={n}\n" for n in range(100)))
    opened = []
    monkeypatch.setattr(
        "ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.dotenv.read_content",
        lambda name: opened.append(name) or Path(name).read_bytes(),  # type: ignore[func-returns-value]
    )
    found = read({f"K{n}": source("dotenv", {"path": str(path), "key": f"K{n}"}) for n in range(100)})
    assert found == {f"K{n}": str(n).encode() for n in range(100)}
    assert opened == [str(path)]
