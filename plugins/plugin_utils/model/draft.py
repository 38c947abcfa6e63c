# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A catalog while it is judged: what could be read, and which places could not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import Path, Problem

if TYPE_CHECKING:
    from .platform import Platform

SECTIONS = ("services", "tasks", "stores", "secrets")


@dataclass(frozen=True)
class Draft:
    """What the cross-checks look at.

    platform: the catalog without its broken places (with stand-ins where one is required).
    declared: all names per section, those of unreadable entries too.
    broken: the places that are refused already.
    """

    platform: Platform
    declared: Mapping[str, frozenset[str]]
    broken: frozenset[Path]

    def names(self, *sections: str) -> frozenset[str]:
        return frozenset().union(*(self.declared[section] for section in sections))

    def worth_telling(self, problems: Iterable[Problem]) -> list[Problem]:
        """Without those that only follow from a place that is refused anyway."""
        return [problem for problem in problems if not any(self._is_broken(at) for at in (problem.at, *problem.needs))]

    def _is_broken(self, at: Path) -> bool:
        return any(at[: len(broken)] == broken or broken[: len(at)] == at for broken in self.broken)


def declared_names(raw: object) -> dict[str, frozenset[str]]:
    """The names of each section of a raw catalog, however broken it is."""
    sections: Mapping[object, object] = raw if isinstance(raw, Mapping) else {}
    return {section: _keys(sections.get(section)) for section in SECTIONS}


def _keys(entries: object) -> frozenset[str]:
    keys = entries if isinstance(entries, Mapping) else ()
    return frozenset(key for key in keys if isinstance(key, str))
