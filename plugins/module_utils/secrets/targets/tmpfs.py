# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A directory in memory: secrets in it are on no disk, and gone when the machine restarts.

The kernel's list of mounts: https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
"""

from __future__ import annotations

import os
import re
from typing import Iterator, NamedTuple, Optional

from ansible_collections.bunops.platform.plugins.module_utils import runner
from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError

# What we mount is known by its source.
_SOURCE = "bunops-secrets"
_OPTIONS = "mode=0700,noexec,nosuid,nodev,size=64m"
_PATIENCE = 30
_ESCAPED = re.compile(r"\\([0-7]{3})")


class Mount(NamedTuple):
    """One entry of the list. point: where it is. kind: as `tmpfs`."""

    point: str
    kind: str
    source: str


def problem(path: str) -> Optional[str]:
    """Why a directory cannot be in memory; None if it is, or can be made so."""
    if is_in_memory(path):
        return None
    if os.path.lexists(path) and os.listdir(path):
        return "tmpfs: it is on a disk and has files; expected it to be on a tmpfs, or empty"
    if os.geteuid() != 0:
        return "tmpfs: it is on a disk, and only root may mount; you are uid %d" % os.geteuid()
    return None


def is_in_memory(path: str) -> bool:
    """Whether a directory, or that in which it would be made, lies on a tmpfs."""
    mount = _covering(path)
    return mount is not None and mount.kind == "tmpfs"


def mount(path: str) -> None:
    """Put a directory, which has to be there and empty, into memory. Raises SecretError."""
    _run("mount", "-t", "tmpfs", "-o", _OPTIONS, _SOURCE, path)


def is_ours(path: str) -> bool:
    """Whether mount() has put exactly this directory into memory."""
    found = _covering(path)
    return found is not None and found.point == os.path.realpath(path) and found.source == _SOURCE


def unmount(path: str) -> None:
    """Take back what mount() did. Raises SecretError."""
    _run("umount", path)


def _run(*argv: str) -> None:
    try:
        done = runner.run(argv, timeout=_PATIENCE)
    except runner.RunnerError as error:
        raise SecretError("tmpfs: %s" % error) from None
    if done.rc != 0:
        raise SecretError("tmpfs: %s" % " ".join(runner.last_lines(done.stderr, 1)))


def _covering(path: str) -> Optional[Mount]:
    """The mount that a path lies on."""
    real = os.path.realpath(path)
    found = None
    # Of several at one point the last one counts.
    for each in _mounts():
        inside = real == each.point or real.startswith(each.point.rstrip("/") + "/")
        if inside and (found is None or len(each.point) >= len(found.point)):
            found = each
    return found


def _mounts() -> Iterator[Mount]:
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            place, _, system = line.partition(" - ")
            kind, source = system.split(" ")[:2]
            yield Mount(_plain(place.split(" ")[4]), kind, _plain(source))


def _plain(text: str) -> str:
    """Blanks, tabs, line ends and backslashes stand there as octal numbers."""
    return _ESCAPED.sub(lambda found: chr(int(found.group(1), 8)), text)
