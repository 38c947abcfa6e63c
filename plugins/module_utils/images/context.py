# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The build context as the builder sees it: its entries after the ignore file, with their contents hashed."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import Dict, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.images.ignore import IgnoreRules

# A file that changed so shortly before it was hashed may change again without its time changing, in nanoseconds.
SETTLED = 1_000_000_000


class Entry(NamedTuple):
    """One file, link or directory: a digest of kind, mode and content; and what tells cheaply that it is unchanged."""

    digest: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


# Path relative to the context, with slashes, to its entry.
Entries = Dict[str, Entry]


class Snapshot(NamedTuple):
    """All entries of a context; hashed counts the files whose content had to be read."""

    entries: Entries
    hashed: int


def take(root: str, rules: IgnoreRules, known: Mapping[str, Entry], known_at: int) -> Snapshot:
    """Look at a context directory.

    known: entries of an earlier snapshot, taken at known_at (nanoseconds since the epoch). A file whose size, times
    and inode are as known is not read again, unless it had only just been written then. Raises OSError.
    """
    entries: Entries = {}
    hashed = 0
    for path, status in _walk(root, rules):
        entry = _unchanged(known.get(path), status, known_at)
        if entry is None:
            entry = _entry(f"{root}/{path}", status)
            hashed += stat.S_ISREG(status.st_mode)
        entries[path] = entry
    return Snapshot(entries, hashed)


def file_entry(path: str, known: Optional[Entry] = None, known_at: int = 0) -> Entry:
    """The entry of one file outside of any context. Raises OSError."""
    status = Path(path).stat()
    return _unchanged(known, status, known_at) or _entry(path, status)


def _walk(root: str, rules: IgnoreRules) -> Iterator[Tuple[str, os.stat_result]]:
    pending: List[Tuple[str, List[Tuple[str, os.stat_result]]]] = [("", [])]
    while pending:
        folder, parents = pending.pop()
        with os.scandir(f"{root}/{folder}") as listing:
            found = list(listing)
        for item in found:
            path = f"{folder}/{item.name}" if folder else item.name
            ignored = rules.ignores(path)
            is_folder = item.is_dir(follow_symlinks=False)
            if ignored and not (is_folder and rules.may_hold_exceptions(path)):
                continue
            here = (path, item.stat(follow_symlinks=False))
            if not ignored:
                # The builder gets the directories above an entry too, even if they are ignored themselves.
                yield from parents
                parents.clear()
                yield here
            if is_folder:
                pending.append((path, [*parents, here] if ignored else []))


def _unchanged(known: Optional[Entry], status: os.stat_result, known_at: int) -> Optional[Entry]:
    if known is None or stat.S_ISDIR(status.st_mode) or status.st_mtime_ns > known_at - SETTLED:
        return None
    return known if known[1:] == _fingerprint(status) else None


def _fingerprint(status: os.stat_result) -> Tuple[int, int, int, int]:
    if stat.S_ISDIR(status.st_mode):
        # A directory is what its entries are; its own size and times say nothing.
        return (0, 0, 0, 0)
    return (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def _entry(path: str, status: os.stat_result) -> Entry:
    # The builder sets owners and times itself: only kind, permissions and content reach the image.
    content = hashlib.blake2b(f"{status.st_mode:o}\n".encode(), digest_size=16)
    if stat.S_ISLNK(status.st_mode):
        content.update(os.fsencode(os.readlink(path)))
    elif stat.S_ISREG(status.st_mode):
        with Path(path).open("rb") as stream:
            for block in iter(lambda: stream.read(1 << 20), b""):
                content.update(block)
    return Entry(content.hexdigest(), *_fingerprint(status))
