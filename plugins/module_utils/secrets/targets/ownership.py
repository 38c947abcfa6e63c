# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Whose the files of secrets are, and who may read them."""

from __future__ import annotations

import grp
import os
import pwd
import re
import stat
from typing import Any, Callable, Dict, List, NamedTuple, Optional

OPTIONS: Dict[str, Any] = {
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "mode": {"type": "str", "default": "0400"},
}
_OCTAL = re.compile(r"[0-7]{3,4}\Z")


class Ownership(NamedTuple):
    """Of a file. uid, gid: None stands for whoever makes it."""

    uid: Optional[int]
    gid: Optional[int]
    mode: int

    def fits(self, found: os.stat_result) -> bool:
        return (
            self.uid in (None, found.st_uid)
            and self.gid in (None, found.st_gid)
            and self.mode == stat.S_IMODE(found.st_mode)
        )


def ownership_of(owner: Optional[str], group: Optional[str], mode: str) -> Ownership:
    """Of options about which problems() finds nothing."""
    return Ownership(_uid(owner), _gid(group), int(mode, 8))


def problems(owner: Optional[str], group: Optional[str], mode: str) -> List[str]:
    """Why files cannot be given this owner, group and mode, a line each."""
    found = [_owner_problem(owner), _group_problem(group), _mode_problem(mode)]
    return [problem for problem in found if problem]


def _owner_problem(owner: Optional[str]) -> Optional[str]:
    try:
        uid = _uid(owner)
    except KeyError:
        return "owner %s: no such user here; expected a name that this machine knows, or a number" % owner
    if os.geteuid() == 0 or uid in (None, os.geteuid()):
        return None
    return "owner %s: only root may give files away; you are uid %d" % (owner, os.geteuid())


def _group_problem(group: Optional[str]) -> Optional[str]:
    try:
        gid = _gid(group)
    except KeyError:
        return "group %s: no such group here; expected a name that this machine knows, or a number" % group
    if os.geteuid() == 0 or gid in (None, os.getegid(), *os.getgroups()):
        return None
    return "group %s: only root may give files to a group that it is not in; you are uid %d" % (group, os.geteuid())


def _mode_problem(mode: str) -> Optional[str]:
    # An octal number without quotes is a decimal one when it arrives here; those do not pass either.
    bits = int(mode, 8) if _OCTAL.match(mode) else 0
    if bits & 0o400 and not bits & 0o7133:
        return None
    return (
        'mode %s: expected octal digits in quotes, as "0400", with which the owner may read and others not write' % mode
    )


def _uid(owner: Optional[str]) -> Optional[int]:
    return _number(owner, lambda name: pwd.getpwnam(name).pw_uid)


def _gid(group: Optional[str]) -> Optional[int]:
    return _number(group, lambda name: grp.getgrnam(name).gr_gid)


def _number(name: Optional[str], look_up: Callable[[str], int]) -> Optional[int]:
    if name is None:
        return None
    return int(name) if name.isdigit() else look_up(name)
