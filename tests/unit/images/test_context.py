# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Snapshots of build contexts."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.images import context, ignore

NONE = ignore.IgnoreRules()
LONG_AGO = 1_700_000_000


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/one.ts").write_text("one")
    (tmp_path / "a/b/two.ts").write_text("two")
    (tmp_path / "link").symlink_to("a/one.ts")
    for path in tmp_path.rglob("*"):
        os.utime(path, (LONG_AGO, LONG_AGO), follow_symlinks=False)
    return tmp_path


def digests(root: Path, rules: ignore.IgnoreRules = NONE) -> dict[str, str]:
    return {path: entry.digest for path, entry in context.take(str(root), rules, {}, 0).entries.items()}


def test_everything_is_there(root: Path) -> None:
    assert sorted(digests(root)) == ["a", "a/b", "a/b/two.ts", "a/one.ts", "link"]


def test_ignored_files_are_not_but_the_directories_above_a_kept_one_are(root: Path) -> None:
    assert sorted(digests(root, ignore.parse("*\n!a/b/*.ts"))) == ["a", "a/b", "a/b/two.ts"]
    assert sorted(digests(root, ignore.parse("*\n!nothing"))) == []


@pytest.mark.parametrize("edit", ["content", "mode", "link", "rename", "directory mode", "kind"])
def test_what_reaches_the_image_changes_the_snapshot(root: Path, edit: str) -> None:
    before = digests(root)
    if edit == "content":
        (root / "a/one.ts").write_text("ONE")
    elif edit == "mode":
        (root / "a/one.ts").chmod(0o755)
    elif edit == "link":
        (root / "link").unlink()
        (root / "link").symlink_to("a/b/two.ts")
    elif edit == "rename":
        (root / "a/one.ts").rename(root / "a/three.ts")
    elif edit == "directory mode":
        (root / "a/b").chmod(0o700)
    else:
        (root / "a/one.ts").unlink()
        (root / "a/one.ts").mkdir()
    assert digests(root) != before


def test_times_and_owners_do_not(root: Path) -> None:
    before = digests(root)
    os.utime(root / "a/one.ts", (1, 1))
    assert digests(root) == before


def test_an_unchanged_file_is_not_read_again(root: Path) -> None:
    first = context.take(str(root), NONE, {}, 0)
    assert first.hashed == 2
    again = context.take(str(root), NONE, first.entries, time.time_ns())
    assert again.hashed == 0
    assert again.entries == first.entries


def test_a_file_that_was_only_just_written_is_read_again(root: Path) -> None:
    (root / "a/one.ts").write_text("now")
    first = context.take(str(root), NONE, {}, 0)
    assert context.take(str(root), NONE, first.entries, time.time_ns()).hashed == 1


def test_an_edit_that_keeps_size_and_time_is_seen(root: Path) -> None:
    first = context.take(str(root), NONE, {}, 0)
    (root / "a/one.ts").write_text("eno")
    os.utime(root / "a/one.ts", (LONG_AGO, LONG_AGO))
    again = context.take(str(root), NONE, first.entries, time.time_ns())
    assert again.entries["a/one.ts"].digest != first.entries["a/one.ts"].digest


def test_a_context_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        context.take(str(tmp_path / "absent"), NONE, {}, 0)
