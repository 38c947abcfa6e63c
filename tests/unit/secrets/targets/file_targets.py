# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Directory and dotenv targets as a run uses them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.directory import Directory
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.dotenv import Dotenv
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import Files, Holding, Target

SET = "atlas"
Wanted = Mapping[str, Files]


def directory(path: Path, *, name: str = SET, adopted: Collection[str] = (), **options: Any) -> Directory:
    """A target with the defaults of its options."""
    given = {"owner": None, "group": None, "mode": "0400", "tmpfs": False, "path": str(path), **options}
    return Directory.from_options(name, given, adopted)


def dotenv(path: Path, *, name: str = SET, **options: Any) -> Dotenv:
    """A target with the defaults of its options."""
    return Dotenv.from_options(name, {"owner": None, "group": None, "mode": "0400", "path": str(path), **options})


def plain(**values: bytes) -> dict[str, Files]:
    """Secrets with one file each."""
    return {name: {name: value} for name, value in values.items()}


class Done(NamedTuple):
    """What a run did. changed: names, those of new secrets, too."""

    changed: list[str]
    before: Holding
    after: Holding


def sync(target: Target, wanted: Wanted) -> Done:
    """What a run does; nothing is written where nothing has to be."""
    before = target.observe()
    assert target.problems(wanted) == []
    changed = sorted(name for name, files in wanted.items() if is_to_write(target, before, name, files))
    after = target.next(before, wanted, changed)
    if changed or before.keys() - wanted.keys():
        target.write(before, after)
    return Done(changed, before, after)


def is_to_write(target: Target, before: Holding, name: str, files: Files) -> bool:
    return name not in before or target.differs(before[name], files)


def go_back(target: Target) -> Done:
    """What a run with state=previous does."""
    before = target.observe()
    former = target.previous(before)
    target.write(before, {**before, **former})
    return Done(sorted(former), before, {**before, **former})


def seen(path: Path) -> dict[str, bytes]:
    """What readers of a directory see under the names that they know."""
    return {each.name: each.read_bytes() for each in path.iterdir() if not each.name.startswith("..")}


def names(path: Path) -> list[str]:
    return sorted(each.name for each in path.iterdir())


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


def leads_to(link: Path) -> str:
    return str(link.readlink())
