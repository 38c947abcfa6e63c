# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether a directory for secrets can be where it shall be, and making it."""

from __future__ import annotations

import os
import stat
from typing import List


def is_directory(path: str) -> bool:
    """A directory itself, no link to one. Raises OSError."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def problems(path: str) -> List[str]:
    """Why the directory cannot be there, or be written to, a line each."""
    if os.path.islink(path):
        return ["it is a link; expected a directory, or nothing"]
    if not os.path.lexists(path):
        return _parent_problems(os.path.dirname(path))
    if not os.path.isdir(path):
        return ["it is no directory; expected one, or nothing"]
    uid = os.stat(path).st_uid
    if os.geteuid() not in (0, uid):
        return ["it belongs to uid %d; expected it to be yours, uid %d" % (uid, os.geteuid())]
    return [] if _is_writable(path) else ["you may not write to it; you are uid %d" % os.geteuid()]


def _parent_problems(parent: str) -> List[str]:
    while not os.path.lexists(parent):
        parent = os.path.dirname(parent)
    if not os.path.isdir(parent):
        return ["it cannot be made, since %s is no directory" % parent]
    if not _is_writable(parent):
        return ["it cannot be made, since you may not write to %s; you are uid %d" % (parent, os.geteuid())]
    return []


def _is_writable(path: str) -> bool:
    return os.access(path, os.W_OK | os.X_OK)


def ensure(path: str, mode: int) -> None:
    """Make the directory if it is not there, and those that it lies in. Raises OSError."""
    if is_directory(path):
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.mkdir(path, mode)
    descriptor = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
