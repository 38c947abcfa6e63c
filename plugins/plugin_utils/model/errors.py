# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a catalog: one line per problem, all problems in one error."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Path = tuple[str, ...]

ROOT = "platform"
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Problem:
    """One refused place of the catalog.

    at: keys from below `platform`; a list index is written as `[1]`.
    text: what was found and what is expected, without a trailing period.
    needs: further places that the judgement rests on; where one of them (or `at`) is
        itself refused, this problem would only be noise and is left out.
    """

    at: Path
    text: str
    needs: tuple[Path, ...] = ()

    def __str__(self) -> str:
        return f"{path_text(self.at)}: {self.text}"


class CatalogError(ValueError):
    """The catalog is refused. `problems` are lines, in the order of their paths."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


def path_text(at: Path) -> str:
    """`platform.services.api.uses[1]`; a key with other characters stands in quotes."""
    text = ROOT
    for part in at:
        if is_index(part):
            text += part
        else:
            text += "." + (part if _BARE_KEY.fullmatch(part) else json.dumps(part))
    return text


def is_index(part: str) -> bool:
    return part.startswith("[") and part.endswith("]") and part[1:-1].isdigit()


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean port?`, or nothing where no known word is near."""
    near = difflib.get_close_matches(word, sorted(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def words(items: Sequence[str], last: str = "and") -> str:
    """`a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"
