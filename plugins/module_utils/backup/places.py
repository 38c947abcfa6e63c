# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Where backups are kept, and which of them stay. Each is named by its time, and is there whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import time
from pathlib import Path
from typing import ContextManager, Iterator, List, NamedTuple, Protocol, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.backup.errors import BackupError
from ansible_collections.bunops.platform.plugins.module_utils.backup.model import Manifest, Snapshot

UNFINISHED = ".new-"
NAME = re.compile(r"\d{8}T\d{6}Z")
_CHUNK = 1 << 20


class Kept(NamedTuple):
    """What is there. backups: the finished ones, oldest first; unfinished: what interrupted runs have left."""

    backups: List[str]
    unfinished: List[str]


class Retention(NamedTuple):
    """What a run removes: before it begins what is unfinished, and after it has succeeded what is too old."""

    unfinished: List[str]
    expired: List[str]


class Place(Protocol):
    """Keeps the backups of one platform. What its methods do, they do or raise BackupError or OSError."""

    @property
    def work(self) -> Path:
        """Directory on this machine where backups are made, and the former data is during a restore."""

    def where(self, name: str) -> str:
        """A backup, for people; without a name the place."""

    def backups(self) -> List[str]:
        """The finished ones, oldest first."""

    def unfinished(self) -> List[str]:
        """What interrupted runs have left, here or there."""

    def remove(self, names: Sequence[str]) -> None:
        """Backups and what is unfinished. One that is half removed counts as none."""

    def keep(self, unfinished: Path, name: str, manifest: Manifest) -> None:
        """Take over a directory with a backup; only from the end on it is one."""

    def manifest(self, name: str) -> Manifest:
        """What a backup says of itself."""

    def check(self, name: str, manifest: Manifest) -> None:
        """Whether each file is what the manifest says. Writes nothing."""

    def files(self, name: str, manifest: Manifest) -> ContextManager[Path]:
        """A directory with the files, each checked."""


def name_of(seconds: float) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


def observe(place: Place) -> Kept:
    return Kept(place.backups(), place.unfinished())


def retention(kept: Kept, keep: int) -> Retention:
    """What goes when one more backup has succeeded, so that ``keep`` stay; that one stays in any case."""
    others = max(keep, 1) - 1
    return Retention(kept.unfinished, kept.backups[: max(len(kept.backups) - others, 0)])


def chosen(backups: List[str], wanted: str, where: str) -> str:
    """The backup that was asked for, or the newest. Raises BackupError."""
    if not backups:
        raise BackupError("backup: there is none in %s" % where)
    if wanted == "newest":
        return backups[-1]
    if wanted not in backups:
        there = ", ".join(backups)
        raise BackupError("backup: there is no %s in %s; expected newest or one of %s" % (wanted, where, there))
    return wanted


@contextlib.contextmanager
def locked(work: Path) -> Iterator[None]:
    """One run at a time. Raises BackupError: there is one."""
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(str(work / ".lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BackupError("another run backs up to %s or restores from it" % work) from None
        yield
    finally:
        os.close(descriptor)


def leftovers(work: Path) -> List[str]:
    """What interrupted runs have left on this machine."""
    found = work.iterdir() if work.is_dir() else []
    return sorted(entry.name for entry in found if entry.is_dir() and entry.name.startswith(UNFINISHED))


def remove_leftovers(work: Path, names: Sequence[str]) -> None:
    for name in names:
        shutil.rmtree(str(work / name))


def compare(where: str, found: str, snapshot: Snapshot) -> None:
    """found: digest of what is there. Raises BackupError: it is not what the manifest says."""
    if found != snapshot.sha256:
        raise BackupError("%s is damaged: its SHA-256 is %s; expected %s" % (where, found, snapshot.sha256))


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for chunk in iter(lambda: file.read(_CHUNK), b""):
            digest.update(chunk)
    return digest.hexdigest()
