# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Docker's ignore files: which paths of a build context the builder gets to see.

The rules are those of github.com/moby/patternmatcher, which BuildKit uses: the last pattern that matches a path or one
of its parents decides, `!` takes back, `**` stands for any number of directories.
"""

from __future__ import annotations

import posixpath
import re
from typing import Iterable, List, NamedTuple, Pattern, Tuple

_REGEX_CHARACTERS = ".+()|{}$"


class IgnoreError(ValueError):
    """An ignore file holds a pattern that Docker refuses; the text names it."""


class Rule(NamedTuple):
    """One line of an ignore file: its cleaned pattern, the same compiled, and whether it takes back (`!`)."""

    pattern: str
    regex: Pattern[str]
    negative: bool


class IgnoreRules(NamedTuple):
    """The rules of one ignore file, in their order."""

    rules: Tuple[Rule, ...] = ()

    def ignores(self, path: str) -> bool:
        """Whether a path, relative to the context and with slashes, is left out."""
        ignored = False
        candidates = _with_parents(path)
        for rule in self.rules:
            # A rule that would only repeat the present verdict cannot change it.
            if rule.negative == ignored and any(rule.regex.match(part) for part in candidates):
                ignored = not rule.negative
        return ignored

    def may_hold_exceptions(self, directory: str) -> bool:
        """Whether something below an ignored directory may be taken back, so that it has to be entered."""
        inside = directory + "/"
        return any(
            rule.negative and (_has_wildcard(rule.pattern) or (rule.pattern + "/").startswith(inside))
            for rule in self.rules
        )


def parse(text: str) -> IgnoreRules:
    """Read an ignore file. Raises IgnoreError."""
    return IgnoreRules(tuple(_rules(text.lstrip("\ufeff").splitlines())))


def _rules(lines: Iterable[str]) -> Iterable[Rule]:
    for line in lines:
        pattern = "" if line.startswith("#") else line.strip()
        negative = pattern.startswith("!")
        pattern = pattern[1:].strip() if negative else pattern
        if negative and not pattern:
            raise IgnoreError("illegal exclusion pattern: '!'")
        if not pattern:
            continue
        cleaned = posixpath.normpath(pattern).lstrip("/") or "/"
        yield Rule(cleaned, _compile(cleaned), negative)


def _with_parents(path: str) -> List[str]:
    parts = path.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]


def _has_wildcard(pattern: str) -> bool:
    return any(character in pattern for character in "*?[\\")


def _compile(pattern: str) -> Pattern[str]:
    try:
        return re.compile("".join(_translate(pattern)) + r"\Z")
    except re.error as error:
        raise IgnoreError(f"illegal pattern '{pattern}': {error}") from error


def _translate(pattern: str) -> Iterable[str]:
    position = 0
    while position < len(pattern):
        character = pattern[position]
        position += 1
        if pattern.startswith("**", position - 1):
            position += 1
            position += pattern.startswith("/", position)
            yield ".*" if position >= len(pattern) else "(?:.*/)?"
        elif character == "*":
            yield "[^/]*"
        elif character == "?":
            yield "[^/]"
        elif character == "\\":
            yield re.escape(pattern[position : position + 1] or "\\")
            position += 1
        elif character in _REGEX_CHARACTERS:
            yield "\\" + character
        else:
            # Brackets stay: character classes mean the same in both.
            yield character
