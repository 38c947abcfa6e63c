# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""File targets on real file systems, by root and by others: owners, tmpfs, a full disk, and links that were planted."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets import tmpfs
from ansible_collections.bunops.platform.tests.integration.secret_sync.files.killing import in_child
from ansible_collections.bunops.platform.tests.unit.secrets.targets.file_targets import (
    directory,
    dotenv,
    leads_to,
    mode,
    names,
    plain,
    seen,
    sync,
)

NOBODY, GROUP = 65534, 54321
CANARY = b"canary-9b1f"
FIRST, SECOND = plain(A=b"first"), plain(A=b"second")


@pytest.fixture(autouse=True)
def _root() -> None:
    assert os.geteuid() == 0, "these tests give files away and mount; run them as root"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory that anybody can get to."""
    for each in (tmp_path, *tmp_path.parents):
        if each.stat().st_uid == os.geteuid() and not each.stat().st_mode & 0o001:
            each.chmod(0o711)
    return tmp_path


def as_nobody(action: Callable[[], object]) -> None:
    """Do something as another user."""

    def act() -> None:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        action()

    in_child(act)


def owners(path: Path) -> tuple[int, int]:
    found = path.lstat()
    return found.st_uid, found.st_gid


def test_files_get_owner_group_and_mode(place: Path) -> None:
    path = place / "secrets"
    given: dict[str, Any] = {"owner": "nobody", "group": str(GROUP), "mode": "0440"}
    sync(directory(path, **given), FIRST)
    assert {owners(each) for each in (path, path / "..v1", path / "..v1/A")} == {(NOBODY, GROUP)}
    assert (mode(path), mode(path / "..v1"), mode(path / "A")) == (0o700, 0o700, 0o440)
    assert sync(directory(path, **given), FIRST).changed == []
    as_nobody(lambda: (path / "A").read_bytes())

    sync(dotenv(place / ".env", **given), FIRST)
    assert (owners(place / ".env"), mode(place / ".env")) == ((NOBODY, GROUP), 0o440)
    assert sync(dotenv(place / ".env", **given), FIRST).changed == []


def test_a_wrong_owner_is_put_right(place: Path) -> None:
    path = place / "secrets"
    for make, file in ((directory, path / "A"), (dotenv, place / ".env")):
        target: Callable[..., Any] = make
        at = path if make is directory else place / ".env"
        first = sync(target(at), FIRST).after
        assert sync(target(at, owner=str(NOBODY)), FIRST).after == first
        assert file.stat().st_uid == NOBODY
        os.chown(file, 0, 0)
        assert sync(target(at, owner=str(NOBODY)), FIRST).changed == ["A"]
        assert file.stat().st_uid == NOBODY


def test_only_root_gives_files_away(place: Path) -> None:
    expected = [
        "owner root: only root may give files away; you are uid 65534",
        "group root: only root may give files to a group that it is not in; you are uid 65534",
    ]
    mine = place / "mine"
    mine.mkdir()
    os.chown(mine, NOBODY, NOBODY)

    def act() -> None:
        for target in (
            directory(mine / "secrets", owner="root", group="root"),
            dotenv(mine / ".env", owner="root", group="root"),
        ):
            assert [each.partition(": ")[2] for each in target.problems(FIRST)] == expected
        sync(directory(mine / "secrets", owner="nobody", group=str(NOBODY)), FIRST)
        assert sync(directory(mine / "secrets"), FIRST).changed == []

    as_nobody(act)


def test_a_place_of_somebody_else_is_told_before_anything_is_done(place: Path) -> None:
    closed, theirs = place / "closed", place / "theirs"
    closed.mkdir(mode=0o755)
    sync(directory(theirs), FIRST)
    sync(dotenv(closed / ".env"), FIRST)

    def problems(target: Any) -> list[str]:
        return [each.partition(": ")[2] for each in target.problems(FIRST)]

    def act() -> None:
        cannot = f"it cannot be made, since you may not write to {closed}; you are uid 65534"
        assert problems(directory(closed / "new/secrets")) == [cannot]
        assert problems(dotenv(closed / ".new")) == ["you may not write to its directory; you are uid 65534"]
        for target in (directory(theirs), dotenv(closed / ".env")):
            with pytest.raises(SecretError, match="Permission denied"):
                target.observe()

    as_nobody(act)


def test_a_directory_of_somebody_else_is_not_taken(place: Path) -> None:
    theirs = place / "theirs"
    theirs.mkdir(mode=0o755)
    expected = [f"directory {theirs}: it belongs to uid 0; expected it to be yours, uid 65534"]

    def act() -> None:
        assert directory(theirs).problems(FIRST) == expected

    as_nobody(act)


def test_links_that_were_planted_are_not_followed(place: Path) -> None:
    victim, path = place / "victim", place / "secrets"
    victim.mkdir()
    (victim / "A").write_bytes(b"theirs")
    path.mkdir()
    for name in ("A", "..link"):
        (path / name).symlink_to(victim / "A")
    for name in ("..v1", "..v2"):
        (path / name).symlink_to(victim)
    sync(directory(path), FIRST)
    assert leads_to(path / "..data") == "..v3"
    assert seen(path) == {"A": b"first"}
    directory(path).collect(keep=1)
    directory(path).remove()
    assert (names(victim), (victim / "A").read_bytes(), mode(victim / "A")) == (["A"], b"theirs", 0o644)
    # Links of somebody else stay.
    assert names(path) == ["..v1", "..v2"]


def test_a_current_generation_that_is_a_link_is_not_followed(place: Path) -> None:
    path, victim = place / "secrets", place / "victim"
    sync(directory(path), FIRST)
    (path / "..v1").rename(victim)
    (path / "..v1").symlink_to(victim)
    assert directory(path).observe() == {}
    sync(directory(path), SECOND)
    assert ((victim / "A").read_bytes(), seen(path)) == (b"first", {"A": b"second"})


def test_a_current_generation_elsewhere_is_refused(place: Path) -> None:
    path, victim = place / "secrets", place / "victim"
    sync(directory(victim), FIRST)
    path.mkdir()
    (path / "..data").symlink_to(victim / "..v1")
    target = directory(path)
    assert target.observe() == {}
    assert target.problems(FIRST) == [
        f"directory {path}: what has the name ..data in it was not made for secrets; expected another directory"
    ]
    target.remove()
    assert names(path) == ["..data"]


def test_what_was_planted_beside_a_dotenv_file_is_not_followed(place: Path) -> None:
    victim = place / "victim"
    victim.write_bytes(b"theirs")
    (place / "..env.new").symlink_to(victim)
    sync(dotenv(place / ".env"), FIRST)
    assert (victim.read_bytes(), mode(victim)) == (b"theirs", 0o644)
    assert not (place / ".env").is_symlink()


@pytest.fixture
def small_disk(place: Path) -> Iterator[Path]:
    """One with 64 KiB."""
    path = place / "small"
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,nr_inodes=64", "bunops-test", str(path)], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", str(path)], check=True)


def used(disk: Path) -> int:
    found = os.statvfs(disk)
    return found.f_blocks - found.f_bfree


def test_a_full_disk_changes_nothing(small_disk: Path) -> None:
    path, file = small_disk / "secrets", small_disk / ".env"
    for target, at in ((directory(path), path), (dotenv(file), file)):
        sync(target, FIRST)
        before = used(small_disk)
        with pytest.raises(SecretError) as caught:
            sync(target, plain(A=CANARY * 9_000))
        assert str(caught.value).startswith(f"{target.title}: No space left on device")
        assert CANARY.decode() not in str(caught.value)
        assert used(small_disk) == before, at
        assert sync(target, FIRST).changed == []
    sync(directory(path), SECOND)
    assert seen(path) == {"A": b"second"}


def test_a_full_disk_at_the_first_time_leaves_nothing_of_the_secrets(small_disk: Path) -> None:
    with pytest.raises(SecretError, match="No space left on device"):
        sync(directory(small_disk / "secrets"), plain(A=b"x", B=CANARY * 9_000))
    assert names(small_disk / "secrets") == []
    with pytest.raises(SecretError, match="No space left on device"):
        sync(directory(small_disk / "secrets"), plain(**{f"S{index}": b"" for index in range(90)}))
    assert names(small_disk / "secrets") == []


def options_of(path: Path) -> set[str]:
    """How something is mounted; empty where nothing is."""
    mounts = [line.split(" ") for line in Path("/proc/self/mounts").read_text().splitlines()]
    return next((set(each[3].split(",")) for each in reversed(mounts) if each[1] == str(path)), set())


def test_a_directory_in_memory_is_mounted_once_and_taken_away(place: Path) -> None:
    path = place / "secrets"
    try:
        sync(directory(path, tmpfs=True, owner=str(NOBODY)), FIRST)
        assert options_of(path) >= {"rw", "nosuid", "nodev", "noexec", "mode=700", "size=65536k"}
        assert (mode(path), owners(path)[0], seen(path)) == (0o700, NOBODY, {"A": b"first"})
        sync(directory(path, tmpfs=True), SECOND)
        mounted = [line for line in Path("/proc/self/mounts").read_text().splitlines() if str(path) in line]
        assert len(mounted) == 1
        directory(path, tmpfs=True).remove()
        assert not path.exists()
    finally:
        subprocess.run(["umount", "-q", str(path)], check=False)


def test_what_is_of_others_keeps_the_memory(place: Path) -> None:
    path = place / "secrets"
    try:
        sync(directory(path, tmpfs=True), FIRST)
        (path / "other").write_text("x")
        directory(path, tmpfs=True).remove()
        assert (names(path), tmpfs.is_ours(str(path))) == (["other"], True)
    finally:
        subprocess.run(["umount", "-q", str(path)], check=False)


def test_a_directory_that_is_in_memory_anyway_is_not_mounted(small_disk: Path) -> None:
    path = small_disk / "deep/secrets"
    sync(directory(path, tmpfs=True), FIRST)
    assert options_of(path) == set()
    directory(path, tmpfs=True).remove()
    assert names(small_disk / "deep") == []


def test_a_directory_on_a_disk_is_told(place: Path) -> None:
    path = place / "secrets"
    sync(directory(path), FIRST)
    target = directory(path, tmpfs=True)
    target.observe()
    assert target.problems(FIRST) == [
        f"directory {path}: tmpfs: it is on a disk and has files; expected it to be on a tmpfs, or empty"
    ]

    def act() -> None:
        assert directory(Path("/var/tmp/bunops-secrets"), tmpfs=True).problems(FIRST) == [
            "directory /var/tmp/bunops-secrets: tmpfs: it is on a disk, and only root may mount; you are uid 65534"
        ]

    as_nobody(act)


def test_names_of_mounts_with_blanks_are_understood(place: Path) -> None:
    path = place / "with blank\tand \\ more"
    try:
        sync(directory(path, tmpfs=True), FIRST)
        assert tmpfs.is_ours(str(path))
        directory(path, tmpfs=True).remove()
        assert not path.exists()
    finally:
        subprocess.run(["umount", "-q", str(path)], check=False)
