# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A directory with one file a secret, as Compose mounts them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Dict, Iterable

from ansible_collections.bunops.platform.plugins.module_utils import atomic_file

DIRECTORY_MODE = 0o700
# Compose cannot set owner or mode of a mounted secret file, and the reader in the container is not its owner.
# The directory keeps everybody else on this machine out.
FILE_MODE = 0o444


def read_files(directory: str, names: Iterable[str]) -> Dict[str, bytes]:
    """Return the contents of those of ``names`` that are there."""
    found: Dict[str, bytes] = {}
    for name in names:
        try:
            with open(os.path.join(directory, name), "rb") as file:
                found[name] = file.read()
        except FileNotFoundError:
            continue
    return found


def ensure_directory(directory: str) -> bool:
    """Make the directory, closed to others; return whether that changed anything."""
    if os.path.isdir(directory) and os.stat(directory).st_mode & 0o777 == DIRECTORY_MODE:
        return False
    os.makedirs(directory, mode=DIRECTORY_MODE, exist_ok=True)
    os.chmod(directory, DIRECTORY_MODE)
    return True


def write_file(directory: str, name: str, value: bytes) -> None:
    """Put ``value`` in place in one step: a reader sees the old file or the new one, whole."""
    atomic_file.write(str(Path(directory) / name), value, FILE_MODE)
