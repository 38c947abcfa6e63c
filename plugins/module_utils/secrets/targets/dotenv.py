# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Secrets as variables of one dotenv file, which Docker Compose, Bun and a shell read alike; one version only."""

from __future__ import annotations

import os
import re
import stat
from contextlib import contextmanager
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.secrets import dotenv_text
from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets import disk, ownership, versions
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import (
    Files,
    Holding,
    Rollout,
    Version,
)
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.versions import Record

OPTIONS: Dict[str, Any] = {"path": {"type": "path", "required": True}, **ownership.OPTIONS}
_TITLE = "Secrets of the set %s, written by bunops.platform.secret_sync; changes by hand are refused."
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
# Variables that a shell sets itself, or does not let anybody set.
_SHELLS_OWN = frozenset(
    (
        "_",
        "BASHOPTS",
        "BASH_VERSINFO",
        "EUID",
        "IFS",
        "LINENO",
        "OPTIND",
        "PPID",
        "RANDOM",
        "SECONDS",
        "SHELLOPTS",
        "UID",
    )
)


def variable(secret: str, file: str) -> str:
    """The name of the variable for a file of a secret: NAME of NAME, NAME_ACL of NAME.acl."""
    return secret + file[len(secret) :].replace(".", "_").upper()


class Dotenv:
    """The target of one file. Its first two lines say what it is and which versions it holds, without values."""

    kind = "dotenv"

    def __init__(self, set_name: str, options: Mapping[str, Any]) -> None:
        self._set_name = set_name
        self._path = os.path.abspath(options["path"])
        self._given = (options["owner"], options["group"], options["mode"])
        self.title = "dotenv %s" % self._path
        # What observe() saw: whether owner and mode are as they should be.
        self._is_tidy = True

    @classmethod
    def from_options(cls, set_name: str, params: Mapping[str, Any]) -> Dotenv:
        """From the values of OPTIONS."""
        return cls(set_name, params)

    def observe(self) -> Holding:
        """What is in the file. Raises SecretError, also for a file of this set that was changed by hand."""
        with self._opened() as folder:
            found = None if folder is None else disk.read(folder, self._name)
        record = _record(found[0]) if found else None
        if found is None or record is None or record.set_name != self._set_name:
            return {}
        self._is_tidy = self._ownership.fits(found[1])
        values = self._values(found[0])
        return {
            secret: Version(
                entry.number,
                entry.made,
                {file: values[variable(secret, file)] for file in entry.files if variable(secret, file) in values},
                self._path,
            )
            for secret, entry in record.entries.items()
        }

    def _values(self, data: bytes) -> Dict[str, bytes]:
        try:
            return dotenv_text.parse(data)
        except ValueError as error:
            reason = "is no UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)
            text = "%s: %s; expected no changes by hand (without the file it is written anew)"
            raise SecretError(text % (self.title, reason)) from None

    def problems(self, wanted: Mapping[str, Files]) -> List[str]:
        """A line each. Raises SecretError."""
        found = [*self._own_problems(), *versions.clashes(_variables(wanted))]
        for secret, files in sorted(wanted.items()):
            for file, value in sorted(files.items()):
                name = variable(secret, file)
                found += ["secret %s: %s" % (secret, each) for each in _variable_problems(name, value)]
        return ["%s: %s" % (self.title, problem) for problem in found]

    def _own_problems(self) -> List[str]:
        """Those that do not depend on what it shall hold."""
        found = ownership.problems(*self._given)
        with self._opened() as folder:
            if folder is None:
                return [*found, "%s is no directory; expected one" % os.path.dirname(self._path)]
            found += self._file_problems(folder)
        if not os.access(os.path.dirname(self._path), os.W_OK | os.X_OK):
            found.append("you may not write to its directory; you are uid %d" % os.geteuid())
        return found

    def _file_problems(self, folder: int) -> Iterator[str]:
        there = disk.found(folder, self._name)
        if there is None:
            return
        if not stat.S_ISREG(there.st_mode):
            yield "it is no plain file; expected one that this set wrote, or none"
            return
        read = disk.read(folder, self._name)
        record = _record(read[0]) if read else None
        if record is None:
            yield "somebody else wrote this file; expected one that this set wrote, or none"
        elif record.set_name != self._set_name:
            yield "it holds the set %s; expected a file for each set" % record.set_name

    def differs(self, held: Version, files: Files) -> bool:
        """Other contents, or an owner or mode that is not as it should be."""
        return held.files != files or not self._is_tidy

    def next(self, before: Holding, wanted: Mapping[str, Files], changed: Sequence[str]) -> Holding:
        """What only was not in order keeps its version."""
        return versions.after(before, wanted, changed, lambda _secret: self._path, {})

    def write(self, before: Holding, after: Holding) -> None:  # noqa: ARG002  the file is one whole
        """Raises SecretError."""
        problems = self._own_problems()
        if problems:
            raise SecretError("\n".join("%s: %s" % (self.title, problem) for problem in problems))
        values = {
            variable(secret, file): value for secret, version in after.items() for file, value in version.files.items()
        }
        header = [_TITLE % self._set_name, versions.dump(self._set_name, after, {})]
        with self._opened() as folder:
            if folder is not None:
                self._replace(folder, dotenv_text.render(values, header))

    def _replace(self, folder: int, data: bytes) -> None:
        disk.remove(folder, self._temporary)
        try:
            disk.create(folder, self._temporary, data, self._ownership)
            os.rename(self._temporary, self._name, src_dir_fd=folder, dst_dir_fd=folder)
        except OSError:
            disk.remove(folder, self._temporary)
            raise
        os.fsync(folder)

    def restore(self, before: Holding, after: Holding) -> None:
        """Raises SecretError."""
        if before:
            self.write(after, before)
        else:
            self.remove()

    def previous(self, held: Holding) -> Holding:
        """Raises SecretError."""
        text = "%s: it keeps one version of each of its %d secrets; expected a target that keeps former ones"
        raise SecretError(text % (self.title, len(held)))

    def collect(self, keep: int) -> List[str]:
        """There are no versions; at most what a killed run left beside the file. Raises SecretError."""
        places = self.collectable(keep)
        with self._opened() as folder:
            if folder is not None and places:
                disk.remove(folder, self._temporary)
        return places

    def collectable(self, keep: int) -> List[str]:  # noqa: ARG002  there are no versions
        """Raises SecretError."""
        with self._opened() as folder:
            is_there = folder is not None and disk.found(folder, self._temporary) is not None
        return [os.path.join(os.path.dirname(self._path), self._temporary)] if is_there else []

    def remove(self) -> None:
        """Raises SecretError."""
        with self._opened() as folder:
            found = None if folder is None else disk.read(folder, self._name)
            record = _record(found[0]) if found else None
            if folder is not None and record is not None and record.set_name == self._set_name:
                disk.remove(folder, self._temporary)
                disk.remove(folder, self._name)

    def rollout(self, before: Holding, after: Holding, changed: Sequence[str]) -> Optional[Rollout]:  # noqa: ARG002
        """None: a container has its environment for life, so that a restart would not bring new values."""
        return None

    @property
    def _name(self) -> str:
        return str(os.path.basename(self._path))

    @property
    def _temporary(self) -> str:
        return ".%s.new" % self._name

    @property
    def _ownership(self) -> ownership.Ownership:
        """Where the options are wrong, what makes no difference: problems() says what is wrong with them."""
        if ownership.problems(*self._given):
            return ownership.Ownership(None, None, 0o400)
        return ownership.ownership_of(*self._given)

    @contextmanager
    def _opened(self) -> Iterator[Optional[int]]:
        """The directory of the file, open; None where there is none. Raises SecretError for what goes wrong."""
        folder = os.path.realpath(os.path.dirname(self._path))
        try:
            if not os.path.isdir(folder):
                yield None
                return
            with disk.opened(folder) as descriptor:
                yield descriptor
        except OSError as error:
            raise SecretError("%s: %s" % (self.title, error.strerror)) from None


def _record(data: bytes) -> Optional[Record]:
    """What the file says about itself; None where it is not one of ours."""
    header = dotenv_text.header_of(data)
    try:
        record = versions.load(header[1]) if len(header) > 1 else None
    except ValueError:
        return None
    return record if record and header[0] == _TITLE % record.set_name else None


def _variables(wanted: Mapping[str, Files]) -> Dict[str, Sequence[str]]:
    return {secret: sorted(variable(secret, file) for file in files) for secret, files in wanted.items()}


def _variable_problems(name: str, value: bytes) -> Iterator[str]:
    if not _VARIABLE.match(name):
        yield "%s is no name of a variable; expected letters, digits and _, no digit first" % name
    elif name in _SHELLS_OWN or name.startswith(dotenv_text.PREFIX):
        yield "%s is a variable with a meaning of its own; expected another name" % name
    reason = dotenv_text.problem(value)
    if reason:
        yield "the value of %s %s" % (name, reason)
