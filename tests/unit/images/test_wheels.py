# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Wheels by their hashes, with a real pip and an index that is a folder."""

from __future__ import annotations

import hashlib
import sys
import zipfile
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.images import wheels

_METADATA = "Metadata-Version: 2.1\nName: hello\nVersion: 1.0\n"
_WHEEL = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@pytest.fixture
def wheel_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The hash of a package `hello` that pip finds, and nothing else."""
    index = tmp_path / "index"
    index.mkdir()
    file = index / "hello-1.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("hello/program", "runs")
        archive.writestr("hello-1.0.dist-info/METADATA", _METADATA)
        archive.writestr("hello-1.0.dist-info/WHEEL", _WHEEL)
        archive.writestr("hello-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_wheels_are_installed_once(tmp_path: Path, wheel_hash: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = str(tmp_path / "cache")
    requirements = f"hello==1.0 --hash=sha256:{wheel_hash}\n"
    folder = wheels.install(requirements, cache)
    assert Path(folder, "hello/program").read_text() == "runs"
    monkeypatch.setattr(sys, "executable", "/nothing/here")
    assert wheels.install(requirements, cache) == folder


def test_another_hash_installs_nothing(tmp_path: Path, wheel_hash: str) -> None:
    other = wheel_hash[::-1]
    with pytest.raises(wheels.WheelError) as raised:
        wheels.install(f"hello==1.0 --hash=sha256:{other}\n", str(tmp_path / "cache"))
    assert any("DO NOT MATCH" in line or wheel_hash in line for line in raised.value.lines)
    assert list((tmp_path / "cache").iterdir()) == []
