# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Secrets as files of a directory, as Compose mounts them: a link for each, which leads to the current generation."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from typing import Any, Collection, Dict, Iterator, List, Mapping, Optional, Sequence, Set

from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.rollout.containers import Containers
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets import (
    disk,
    generations,
    ownership,
    place,
    tmpfs,
    versions,
)
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.generations import Generation
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import (
    Files,
    Holding,
    Rollout,
    Version,
)

OPTIONS: Dict[str, Any] = {
    "path": {"type": "path", "required": True},
    **ownership.OPTIONS,
    "tmpfs": {"type": "bool", "default": False},
}
# Of files beside a secret's own one.
_SUFFIXES = (".acl", ".pub", ".previous")


class Directory:
    """The target of one directory. It is closed to everybody but its owner.

    adopted: secrets whose plain files, from before the directory had generations, belong to the set.
    """

    kind = "directory"

    def __init__(self, set_name: str, options: Mapping[str, Any], adopted: Collection[str] = ()) -> None:
        self._set_name = set_name
        self._path = os.path.abspath(options["path"])
        self._given = (options["owner"], options["group"], options["mode"])
        self._in_memory = bool(options["tmpfs"])
        self._adopted = frozenset(adopted)
        self.title = "directory %s" % self._path
        # What observe() saw of each secret: which are not in order, the greatest number, how long its version is there.
        self._untidy: Set[str] = set()
        self._highest: Dict[str, int] = {}
        self._since: Dict[str, float] = {}

    @classmethod
    def from_options(cls, set_name: str, params: Mapping[str, Any], adopted: Collection[str] = ()) -> Directory:
        """From the values of OPTIONS."""
        return cls(set_name, params, adopted)

    def observe(self) -> Holding:
        """The current generation. Raises SecretError."""
        with self._opened() as folder:
            if folder is None:
                return {}
            if not generations.is_begun(folder):
                holding = self._plain_files(folder)
                self._untidy = set(holding)
                self._since = {name: version.made or 0 for name, version in holding.items()}
                return holding
            newest = generations.current(folder, self._ownership)
            if newest is None or not self._is_ours(folder):
                return {}
            self._highest = generations.highest(folder)
            self._since = {name: entry.since for name, entry in newest.record.entries.items()}
            self._untidy = self._not_in_order(folder, newest)
            return newest.holding(self._path)

    def _plain_files(self, folder: int) -> Holding:
        holding: Holding = {}
        for name in sorted(self._adopted):
            companions = {name + suffix for suffix in _SUFFIXES} - self._adopted
            read = {file: disk.read(folder, file) for file in (name, *sorted(companions))}
            own = read[name]
            if own:
                files = {file: found[0] for file, found in read.items() if found}
                holding[name] = Version(1, int(own[1].st_mtime), files, self._place(name))
        return holding

    def _not_in_order(self, folder: int, newest: Generation) -> Set[str]:
        secrets = {name: secret for secret, entry in newest.record.entries.items() for name in entry.files}
        if not self._folder_ownership.fits(os.fstat(folder)) or self._is_on_wrong_medium():
            return set(secrets.values())
        untidy = newest.unfit.union(generations.missing_links(folder, list(secrets)))
        return {secrets[name] for name in untidy if name in secrets}

    def _is_on_wrong_medium(self) -> bool:
        return self._in_memory and not tmpfs.is_in_memory(self._path)

    def problems(self, wanted: Mapping[str, Files]) -> List[str]:
        """A line each. Raises SecretError."""
        found = self._own_problems()
        found += versions.clashes({secret: sorted(files) for secret, files in wanted.items()})
        with self._opened() as folder:
            if folder is not None:
                names = sorted(name for files in wanted.values() for name in files)
                found += ["%s in it is neither a file nor a link" % name for name in names if _is_solid(folder, name)]
        return ["%s: %s" % (self.title, problem) for problem in found]

    def _own_problems(self) -> List[str]:
        """Those that do not depend on what it shall hold."""
        found = [*ownership.problems(*self._given), *place.problems(self._path)]
        if self._in_memory and not found:
            found += filter(None, [tmpfs.problem(self._path)])
        with self._opened() as folder:
            if folder is not None:
                found += self._other_owners(folder)
        return found

    def _other_owners(self, folder: int) -> Iterator[str]:
        if generations.is_foreign(folder):
            yield "what has the name ..data in it was not made for secrets; expected another directory"
            return
        if not self._is_ours(folder):
            yield "it holds the set %s; expected a directory for each set" % generations.owner(folder)

    def differs(self, held: Version, files: Files) -> bool:
        """Other contents, or a link, an owner or a mode that is not as it should be."""
        return held.files != files or os.path.basename(held.place) in self._untidy

    def next(self, before: Holding, wanted: Mapping[str, Files], changed: Sequence[str]) -> Holding:
        """What only was not in order keeps its version."""
        return versions.after(before, wanted, changed, self._place, self._highest)

    def write(self, before: Holding, after: Holding) -> None:
        """A new generation. Raises SecretError."""
        self._ensure()
        with self._told(), disk.opened(self._path) as folder:
            disk.own(folder, self._folder_ownership)
            names = [name for version in before.values() for name in version.files]
            if generations.missing_links(folder, names):
                # Plain files become links one by one: first without other contents, so that nobody sees a mix.
                generations.put(folder, self._contents(before, before), self._ownership)
            generations.put(folder, self._contents(before, after), self._ownership)

    def _contents(self, before: Holding, after: Holding) -> generations.Contents:
        return generations.Contents(self._set_name, after, versions.since_after(before, after, self._since))

    def _ensure(self) -> None:
        """Have the directory. Raises SecretError."""
        problems = self._own_problems()
        if problems:
            raise SecretError("\n".join("%s: %s" % (self.title, problem) for problem in problems))
        with self._told():
            place.ensure(self._path, generations.DIRECTORY_MODE)
            if self._is_on_wrong_medium():
                tmpfs.mount(self._path)

    def restore(self, before: Holding, after: Holding) -> None:
        """A new generation like the former one, in place of the current one. Raises SecretError."""
        if not before:
            self.remove()
            return
        with self._opened() as folder:
            if folder is not None:
                generations.put_instead(folder, self._contents(after, before), self._ownership)

    def previous(self, held: Holding) -> Holding:
        """Of each secret the newest older version with other contents, as its next one. Raises SecretError."""
        former: Holding = {}
        with self._ours() as folder:
            older = [] if folder is None else generations.older(folder, self._ownership)
        for generation in reversed(older):
            for name, version in generation.holding(self._path).items():
                is_whole = len(version.files) == len(generation.record.entries[name].files)
                if is_whole and name in held and version.files != held[name].files:
                    number = max(self._highest.get(name, 0), held[name].number) + 1
                    former[name] = version._replace(number=number)
        return former

    def collect(self, keep: int) -> List[str]:
        """Containers have their files open by inode, so a generation may go at any time. Raises SecretError."""
        with self._ours() as folder:
            if folder is None:
                return []
            places = generations.superfluous(folder, keep)
            for each in places:
                generations.discard(folder, each)
        return [self._place(each) for each in places]

    def collectable(self, keep: int) -> List[str]:
        """Raises SecretError."""
        with self._ours() as folder:
            places = [] if folder is None else generations.superfluous(folder, keep)
        return [self._place(each) for each in places]

    def remove(self) -> None:
        """Also the directory, if nothing of others is in it. Raises SecretError."""
        with self._opened() as folder:
            if folder is None:
                return
            if not generations.is_begun(folder):
                for version in self._plain_files(folder).values():
                    for name in version.files:
                        disk.remove(folder, name)
            elif self._is_ours(folder) and not generations.is_foreign(folder):
                generations.remove_all(folder)
        self._remove_if_empty()

    def _remove_if_empty(self) -> None:
        with self._told():
            if os.listdir(self._path):
                return
            if tmpfs.is_ours(self._path):
                tmpfs.unmount(self._path)
            # Its own directory may be closed to us, or what it lies on be mounted here by others.
            with suppress(OSError):
                os.rmdir(self._path)

    def rollout(self, before: Holding, after: Holding, changed: Sequence[str]) -> Optional[Rollout]:
        """The running containers of this machine's Docker engine that mount files of changed secrets."""
        secrets = {name: after[name] for name in changed if name in after}
        return Containers(self._path, before, secrets, self._since) if secrets else None

    def _place(self, name: str) -> str:
        return os.path.join(self._path, name)

    @property
    def _ownership(self) -> ownership.Ownership:
        """Where the options are wrong, what makes no difference: problems() says what is wrong with them."""
        if ownership.problems(*self._given):
            return ownership.Ownership(None, None, 0o400)
        return ownership.ownership_of(*self._given)

    @property
    def _folder_ownership(self) -> ownership.Ownership:
        return self._ownership._replace(mode=generations.DIRECTORY_MODE)

    @contextmanager
    def _opened(self) -> Iterator[Optional[int]]:
        """The directory, open; None where there is none."""
        with self._told():
            if not place.is_directory(self._path):
                yield None
                return
            with disk.opened(self._path) as folder:
                yield folder

    @contextmanager
    def _ours(self) -> Iterator[Optional[int]]:
        """The directory, open, unless its generations are of another set."""
        with self._opened() as folder:
            yield folder if folder is not None and self._is_ours(folder) else None

    def _is_ours(self, folder: int) -> bool:
        """Also if there is nothing yet."""
        return generations.owner(folder) in (None, self._set_name)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Raises SecretError, with the directory's name, for what goes wrong."""
        try:
            yield
        except SecretError as error:
            raise SecretError("%s: %s" % (self.title, error)) from None
        except OSError as error:
            where = " (%s)" % error.filename if error.filename else ""
            raise SecretError("%s: %s%s" % (self.title, error.strerror, where)) from None


def _is_solid(folder: int, name: str) -> bool:
    """Whether what is there cannot be replaced by a link."""
    there = disk.found(folder, name)
    return there is not None and not (stat.S_ISREG(there.st_mode) or stat.S_ISLNK(there.st_mode))
