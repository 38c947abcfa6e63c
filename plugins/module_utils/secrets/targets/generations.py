# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Generations of secret files in one directory, of which a reader always sees a whole one.

    ..v6/  ..v7/         a generation each: the files, and .versions.json
    ..data -> ..v7       the current one; going to another one is renaming this link
    NAME -> ..data/NAME  what readers open

As the kubelet does it: https://github.com/kubernetes/kubernetes/blob/master/pkg/volume/util/atomic_writer.go
All names are relative to the directory, which is open.
"""

from __future__ import annotations

import os
import re
import stat
from typing import Dict, FrozenSet, List, Mapping, NamedTuple, Optional

from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets import disk, versions
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import Files, Holding, Version
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.ownership import Ownership
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.versions import Record

DIRECTORY_MODE = 0o700
_CURRENT = "..data"
_RECORD = ".versions.json"
_TEMPORARY = "..link"
_NAME = re.compile(r"\.\.v([1-9][0-9]*)\Z")


class Contents(NamedTuple):
    """What to put into one. since: when each secret's version came to where it is, see versions.Entry."""

    set_name: str
    holding: Holding
    since: Mapping[str, float]

    def __repr__(self) -> str:
        """Without values."""
        return "Contents(%s)" % self.set_name


class Generation(NamedTuple):
    """One that is whole. unfit: files with another owner or mode than they should have."""

    number: int
    record: Record
    files: Files
    unfit: FrozenSet[str]

    def __repr__(self) -> str:
        """Without values."""
        return "Generation(%d)" % self.number

    def holding(self, place: str) -> Holding:
        """What it holds; a file that is not there is missing in its version. place: where the files are seen."""
        return {
            secret: Version(
                entry.number,
                entry.made,
                {name: self.files[name] for name in entry.files if name in self.files},
                os.path.join(place, secret),
            )
            for secret, entry in self.record.entries.items()
        }


def current(folder: int, ownership: Ownership) -> Optional[Generation]:
    """The one that readers see; None where there is none. Raises SecretError, OSError."""
    number = _current_number(folder)
    return None if number is None else _load(folder, number, ownership)


def older(folder: int, ownership: Ownership) -> List[Generation]:
    """Those before the current one, newest first. Raises SecretError, OSError."""
    loaded = [_load(folder, number, ownership) for number in _older_numbers(folder)]
    return [generation for generation in loaded if generation is not None]


def highest(folder: int) -> Dict[str, int]:
    """The greatest number of a version of each secret in any generation. Raises SecretError, OSError."""
    found: Dict[str, int] = {}
    for number in _numbers(folder):
        record = _record(folder, number)
        for secret, entry in record.entries.items() if record else ():
            found[secret] = max(entry.number, found.get(secret, 0))
    return found


def owner(folder: int) -> Optional[str]:
    """The set whose generations these are; None where there is no whole one. Raises SecretError, OSError."""
    newest = _current_number(folder)
    numbers = sorted(_numbers(folder), key=lambda number: (number != newest, -number))
    records = (_record(folder, number) for number in numbers)
    return next((record.set_name for record in records if record), None)


def is_begun(folder: int) -> bool:
    """Whether there is a current generation, or something else in its place. Raises OSError."""
    return disk.found(folder, _CURRENT) is not None


def is_foreign(folder: int) -> bool:
    """Whether somebody else's thing has the name of the link to the current generation. Raises OSError."""
    return is_begun(folder) and _current_number(folder) is None


def missing_links(folder: int, names: List[str]) -> List[str]:
    """Those of the files that readers cannot open under their names. Raises OSError."""
    return [name for name in names if disk.link_target(folder, name) != _link(name)]


def put(folder: int, contents: Contents, ownership: Ownership) -> None:
    """Make a holding the current generation. Killed at any moment, readers see the former or this. Raises OSError."""
    newest = _current_number(folder) or 0
    for number in [number for number in _numbers(folder) if number > newest]:
        disk.remove_directory(folder, "..v%d" % number, _RECORD)
    name = "..v%d" % (1 + max([newest, *_taken(folder)]))
    try:
        _write(folder, name, contents, ownership)
        disk.put_link(folder, _CURRENT, name, _TEMPORARY)
    except OSError:
        disk.remove_directory(folder, name, _RECORD)
        raise
    os.fsync(folder)
    _put_links(folder, contents.holding)


def _write(folder: int, name: str, contents: Contents, ownership: Ownership) -> None:
    """The record comes last: without it a generation is not whole."""
    os.mkdir(name, DIRECTORY_MODE, dir_fd=folder)
    with disk.opened(name, folder) as inner:
        for version in contents.holding.values():
            for file, value in version.files.items():
                disk.create(inner, file, value, ownership)
        record = versions.dump(*contents).encode("ascii")
        disk.create(inner, _RECORD, record, ownership._replace(mode=0o600))
        disk.own(inner, ownership._replace(mode=DIRECTORY_MODE))
        os.fsync(inner)


def _put_links(folder: int, holding: Holding) -> None:
    names = [name for version in holding.values() for name in version.files]
    for name in missing_links(folder, names):
        disk.put_link(folder, name, _link(name), _TEMPORARY)
    for name in dangling_links(folder, names):
        disk.remove(folder, name)
    os.fsync(folder)


def dangling_links(folder: int, names: List[str]) -> List[str]:
    """Links of ours to other files than these, and one that a killed run left, sorted. Raises OSError."""
    unwanted = sorted(set(os.listdir(folder)) - {*names, _CURRENT})
    return [name for name in unwanted if name == _TEMPORARY or disk.link_target(folder, name) == _link(name)]


def superfluous(folder: int, keep: int) -> List[str]:
    """What is not needed: generations above `keep`, the current one counted, and what killed runs left, sorted.

    Of those that stay: the files of secrets that the current one does not have. Raises SecretError, OSError.
    """
    newest = _current_number(folder)
    current_record = None if newest is None else _record(folder, newest)
    if current_record is None:
        return []
    whole = [number for number in _older_numbers(folder) if _record(folder, number)]
    kept = whole[: max(keep, 1) - 1]
    found = ["..v%d" % number for number in _numbers(folder) if number not in (newest, *kept)]
    found += dangling_links(folder, [name for entry in current_record.entries.values() for name in entry.files])
    for number in kept:
        found += _of_others(folder, number, current_record)
    return sorted(found)


def _of_others(folder: int, number: int, newest: Record) -> List[str]:
    """Files in an older generation of secrets that the newest one does not have."""
    record, name = _record(folder, number), "..v%d" % number
    entries = record.entries if record else {}
    wanted = {file for secret in entries if secret in newest.entries for file in entries[secret].files}
    with disk.opened(name, folder) as inner:
        return [os.path.join(name, file) for file in os.listdir(inner) if file not in {_RECORD, *wanted}]


def discard(folder: int, place: str) -> None:
    """Remove what superfluous() named. Raises OSError."""
    outer, _, inner = place.rpartition("/")
    if outer:
        with disk.opened(outer, folder) as generation:
            disk.remove(generation, inner)
    elif _NAME.match(inner):
        disk.remove_directory(folder, inner, _RECORD)
    else:
        disk.remove(folder, inner)


def put_instead(folder: int, contents: Contents, ownership: Ownership) -> None:
    """Like put(), and nothing of the generation that was current stays. Raises OSError."""
    failed = _current_number(folder)
    put(folder, contents, ownership)
    if failed is not None:
        disk.remove_directory(folder, "..v%d" % failed, _RECORD)


def remove_all(folder: int) -> None:
    """Remove all generations and links; as long as a file is left, the current record is, too. Raises OSError."""
    newest = _current_number(folder)
    for name in dangling_links(folder, []):
        disk.remove(folder, name)
    for number in sorted(_numbers(folder), key=lambda number: number == newest):
        disk.remove_directory(folder, "..v%d" % number, _RECORD)
    disk.remove(folder, _CURRENT)
    os.fsync(folder)


def _link(name: str) -> str:
    return "%s/%s" % (_CURRENT, name)


def _current_number(folder: int) -> Optional[int]:
    found = _NAME.match(disk.link_target(folder, _CURRENT) or "")
    return int(found.group(1)) if found else None


def _taken(folder: int) -> List[int]:
    """Numbers of all names that look like a generation's."""
    return [int(found.group(1)) for found in map(_NAME.match, os.listdir(folder)) if found]


def _numbers(folder: int) -> List[int]:
    """Numbers of the directories of generations, whole or not."""
    return [number for number in _taken(folder) if _is_directory(folder, "..v%d" % number)]


def _older_numbers(folder: int) -> List[int]:
    """Of generations before the current one, newest first."""
    newest = _current_number(folder) or 0
    return sorted((number for number in _numbers(folder) if number < newest), reverse=True)


def _is_directory(folder: int, name: str) -> bool:
    there = disk.found(folder, name)
    return there is not None and stat.S_ISDIR(there.st_mode)


def _record(folder: int, number: int) -> Optional[Record]:
    """None where a killed run left the generation half-written. Raises SecretError, OSError."""
    if not _is_directory(folder, "..v%d" % number):
        return None
    with disk.opened("..v%d" % number, folder) as inner:
        written = disk.read(inner, _RECORD)
    try:
        return versions.load(written[0].decode("ascii")) if written else None
    except ValueError:
        text = "..v%d/%s is not as it was written; expected no changes by hand" % (number, _RECORD)
        raise SecretError(text) from None


def _load(folder: int, number: int, ownership: Ownership) -> Optional[Generation]:
    """None where a killed run left it half-written. Raises SecretError, OSError."""
    record = _record(folder, number)
    if record is None:
        return None
    with disk.opened("..v%d" % number, folder) as inner:
        read = {name: disk.read(inner, name) for name in os.listdir(inner) if name != _RECORD}
        is_fit = ownership._replace(mode=DIRECTORY_MODE).fits(os.fstat(inner))
    files: Dict[str, bytes] = {name: found[0] for name, found in read.items() if found}
    unfit = (name for name, found in read.items() if found and not (is_fit and ownership.fits(found[1])))
    return Generation(number, record, files, frozenset(unfit))
