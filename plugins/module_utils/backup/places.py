# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Where backups are kept: one directory each, named by its time, in a directory of the platform's."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import time
from pathlib import Path
from typing import Iterator, List, NamedTuple, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.backup.errors import BackupError
from ansible_collections.bunops.platform.plugins.module_utils.backup.model import MANIFEST, Manifest, parse_manifest

UNFINISHED = ".new-"
_NAME = re.compile(r"\d{8}T\d{6}Z")
_CHUNK = 1 << 20


class Kept(NamedTuple):
    """What is there. backups: the finished ones, oldest first; unfinished: what interrupted runs have left."""

    backups: List[str]
    unfinished: List[str]


class Retention(NamedTuple):
    """What a run removes: before it begins what is unfinished, and after it has succeeded what is too old."""

    unfinished: List[str]
    expired: List[str]


def name_of(seconds: float) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


def observe(place: Path) -> Kept:
    names = sorted(entry.name for entry in place.iterdir() if entry.is_dir()) if place.is_dir() else []
    return Kept(
        [name for name in names if _NAME.fullmatch(name) and (place / name / MANIFEST).is_file()],
        [name for name in names if name.startswith(UNFINISHED)],
    )


def retention(kept: Kept, keep: int) -> Retention:
    """What goes when one more backup has succeeded, so that ``keep`` stay; that one stays in any case."""
    others = max(keep, 1) - 1
    return Retention(kept.unfinished, kept.backups[: max(len(kept.backups) - others, 0)])


def chosen(kept: Kept, wanted: str, place: Path) -> str:
    """The backup that was asked for, or the newest. Raises BackupError."""
    if not kept.backups:
        raise BackupError("backup: there is none in %s" % place)
    if wanted == "newest":
        return kept.backups[-1]
    if wanted not in kept.backups:
        there = ", ".join(kept.backups)
        raise BackupError("backup: there is no %s in %s; expected newest or one of %s" % (wanted, place, there))
    return wanted


@contextlib.contextmanager
def locked(place: Path) -> Iterator[None]:
    """One run at a time. Raises BackupError: there is one."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(str(place / ".lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BackupError("another run backs up to %s or restores from it" % place) from None
        yield
    finally:
        os.close(descriptor)


def remove(place: Path, names: Sequence[str]) -> None:
    for name in names:
        # A directory that is half removed counts as none.
        unfinished = place / (name if name.startswith(UNFINISHED) else UNFINISHED + name)
        if unfinished.name != name:
            (place / name).rename(unfinished)
        shutil.rmtree(str(unfinished))


def finish(unfinished: Path, finished: Path) -> None:
    """From now on it is a backup, also if the power fails."""
    for path in (*unfinished.iterdir(), unfinished):
        _sync(path)
    unfinished.rename(finished)
    _sync(finished.parent)


def read_manifest(directory: Path) -> Manifest:
    path = directory / MANIFEST
    try:
        return parse_manifest(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError("%s cannot be read: %s" % (path, error)) from None


def check_files(directory: Path, manifest: Manifest) -> None:
    """Raises BackupError: a file is not what the manifest says."""
    for snapshot in manifest.snapshots:
        path = directory / snapshot.file
        if not path.is_file():
            raise BackupError("%s is missing" % path)
        found = sha256_of(path)
        if found != snapshot.sha256:
            raise BackupError("%s is damaged: its SHA-256 is %s; expected %s" % (path, found, snapshot.sha256))


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for chunk in iter(lambda: file.read(_CHUNK), b""):
            digest.update(chunk)
    return digest.hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(str(path), os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
