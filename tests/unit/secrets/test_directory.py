"""The directory of secret files."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.secrets import directory


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_the_directory_is_closed_and_its_files_are_readable_in_containers(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    assert directory.ensure_directory(str(secrets))
    directory.write_file(str(secrets), "KEY", b"value\n\x00")
    assert mode(secrets) == 0o700
    assert mode(secrets / "KEY") == 0o444
    assert directory.read_files(str(secrets), ["KEY", "OTHER"]) == {"KEY": b"value\n\x00"}


def test_a_directory_that_others_could_read_is_closed(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir(mode=0o755)
    assert directory.ensure_directory(str(secrets))
    assert mode(secrets) == 0o700
    assert not directory.ensure_directory(str(secrets))


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory.write_file(str(tmp_path), "KEY", b"old")

    def full_disk(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        directory.write_file(str(tmp_path), "KEY", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["KEY"]
    assert (tmp_path / "KEY").read_bytes() == b"old"
