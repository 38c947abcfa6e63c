# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Backups in a directory of this machine: a directory each, which gets its name once all of it is written."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Iterator, List, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.backup import places
from ansible_collections.bunops.platform.plugins.module_utils.backup.errors import BackupError
from ansible_collections.bunops.platform.plugins.module_utils.backup.model import MANIFEST, Manifest, parse_manifest


class Directory:
    """A place; see places.Place."""

    def __init__(self, work: Path) -> None:
        self.work = work

    def where(self, name: str) -> str:
        return str(self.work / name)

    def backups(self) -> List[str]:
        names = sorted(entry.name for entry in self.work.iterdir()) if self.work.is_dir() else []
        return [name for name in names if places.NAME.fullmatch(name) and (self.work / name / MANIFEST).is_file()]

    def unfinished(self) -> List[str]:
        return places.leftovers(self.work)

    def remove(self, names: Sequence[str]) -> None:
        for name in names:
            unfinished = name if name.startswith(places.UNFINISHED) else places.UNFINISHED + name
            if unfinished != name:
                (self.work / name).rename(self.work / unfinished)
            places.remove_leftovers(self.work, [unfinished])

    def keep(self, unfinished: Path, name: str, manifest: Manifest) -> None:  # noqa: ARG002 - it is in the directory
        finish(unfinished, self.work / name)

    def manifest(self, name: str) -> Manifest:
        path = self.work / name / MANIFEST
        try:
            return parse_manifest(path.read_text(encoding="utf-8"), str(path))
        except (OSError, UnicodeDecodeError) as error:
            raise BackupError("%s cannot be read: %s" % (path, error)) from None

    def check(self, name: str, manifest: Manifest) -> None:
        for snapshot in manifest.snapshots:
            path = self.work / name / snapshot.file
            if not path.is_file():
                raise BackupError("%s is missing" % path)
            places.compare(str(path), places.sha256_of(path), snapshot)

    @contextlib.contextmanager
    def files(self, name: str, manifest: Manifest) -> Iterator[Path]:
        self.check(name, manifest)
        yield self.work / name


def finish(unfinished: Path, finished: Path) -> None:
    """Give it its name, which it then has also if the power fails."""
    for path in (*unfinished.iterdir(), unfinished):
        _sync(path)
    unfinished.rename(finished)
    _sync(finished.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(str(path), os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
