# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Files and links in a directory that is open: no link that somebody put there is ever followed."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from typing import Iterator, Optional, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.ownership import Ownership


@contextmanager
def opened(path: str, folder: Optional[int] = None) -> Iterator[int]:
    """A directory, in another one that is open or by its path; its last part is no link. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def found(folder: int, name: str) -> Optional[os.stat_result]:
    """What is there under a name, of a link the link itself; None where nothing is. Raises OSError."""
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None


def link_target(folder: int, name: str) -> Optional[str]:
    """Where a link goes; None where there is no link. Raises OSError."""
    there = found(folder, name)
    return os.readlink(name, dir_fd=folder) if there and stat.S_ISLNK(there.st_mode) else None


def read(folder: int, name: str) -> Optional[Tuple[bytes, os.stat_result]]:
    """Contents of a plain file; None where there is none. Raises OSError."""
    there = found(folder, name)
    if not there or not stat.S_ISREG(there.st_mode):
        return None
    with open(os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder), "rb") as file:
        return file.read(), os.fstat(file.fileno())


def create(folder: int, name: str, data: bytes, ownership: Ownership) -> None:
    """Write a file that is not there yet, to the disk; until it is whole only its maker can read it. Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with open(os.open(name, flags, 0o600, dir_fd=folder), "wb") as file:
        file.write(data)
        file.flush()
        own(file.fileno(), ownership)
        os.fsync(file.fileno())


def own(descriptor: int, ownership: Ownership) -> None:
    """Give what is open its owner, group and mode. Raises OSError."""
    if ownership.uid is not None or ownership.gid is not None:
        os.fchown(descriptor, _or_same(ownership.uid), _or_same(ownership.gid))
    os.fchmod(descriptor, ownership.mode)


def _or_same(number: Optional[int]) -> int:
    return -1 if number is None else number


def put_link(folder: int, name: str, target: str, temporary: str) -> None:
    """Make a link in one step, in place of any file or link of that name. Raises OSError."""
    remove(folder, temporary)
    os.symlink(target, temporary, dir_fd=folder)
    os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)


def remove(folder: int, name: str) -> None:
    """Remove a file or link if it is there. Raises OSError."""
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)


def remove_directory(folder: int, name: str, last: str) -> None:
    """Remove a directory of files if it is there, the file `last` as the last one. Raises OSError."""
    with suppress(FileNotFoundError):
        with opened(name, folder) as inner:
            for entry in sorted(os.listdir(inner), key=lambda entry: entry == last):
                os.unlink(entry, dir_fd=inner)
        os.rmdir(name, dir_fd=folder)
