# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The text of a dotenv file whose values Docker Compose, Bun and a POSIX shell (`set -a; . file`) read alike.

The readers: https://github.com/compose-spec/compose-go/tree/main/dotenv, https://bun.com/docs/runtime/environment-variables
and https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html

They agree on little. In single quotes a shell takes everything as it is, while Bun expands `$` and Compose takes a
backslash before the closing quote for an escape; a single quote cannot be there. In double quotes `'` and `\\$` are the
same to all three, while Bun leaves `\\"` and `\\\\` as they are, and a shell expands backticks. Bun reads a carriage
return as a line feed anywhere. So a value that single quotes cannot carry stands in double quotes, and refers to
variables that the file itself defines for the characters that are left.
"""

from __future__ import annotations

import re
from typing import Dict, Iterable, List, Mapping, Match, NamedTuple, Optional

# Names of the variables for single characters begin so.
PREFIX = "_BUNOPS_"
# Linux allows 128 KiB for one variable with its name (MAX_ARG_STRLEN).
_LONGEST = 130_000


class _Helper(NamedTuple):
    """A variable that holds one character, in all three readers."""

    character: str
    name: str
    definition: str


_HELPERS = (
    _Helper('"', "_BUNOPS_QUOTE", "_BUNOPS_QUOTE='\"'\n"),
    _Helper("`", "_BUNOPS_BACKTICK", "_BUNOPS_BACKTICK='`'\n"),
    # At the end of a value older releases of Bun do not see that it is escaped.
    _Helper("$", "_BUNOPS_DOLLAR", "_BUNOPS_DOLLAR='$'\n"),
    # To Compose and Bun the first variable is a backslash and the third one is not there; to a shell, which joins the
    # first two lines and sees two assignments in the third, the first one is empty and the third one is a backslash.
    _Helper(
        "\\",
        "_BUNOPS_BACKSLASH",
        "_BUNOPS_BACKSLASH_BARE=\\\n #\n"
        "_BUNOPS_NOTHING= _BUNOPS_BACKSLASH_QUOTED='\\'\n"
        '_BUNOPS_BACKSLASH="${_BUNOPS_BACKSLASH_BARE}${_BUNOPS_BACKSLASH_QUOTED:-}"\n',
    ),
    # Compose and Bun know the escape, a shell does not; only a shell sees the second variable.
    _Helper(
        "\r",
        "_BUNOPS_RETURN",
        "_BUNOPS_NOTHING= _BUNOPS_RETURN_PLAIN='\r'\n_BUNOPS_RETURN=\"${_BUNOPS_RETURN_PLAIN:-\\r}\"\n",
    ),
)
_BY_CHARACTER = {helper.character: helper for helper in _HELPERS}
_BY_NAME = {helper.name: helper for helper in _HELPERS}

# A `$` at the very end is no reference to anything, unless a backslash makes Bun think again.
_NOT_IN_SINGLE_QUOTES = re.compile(r"['\r]|\$(?!\Z)|\\\$\Z|(?<!\\)(?:\\\\)*\\\Z")
_REFERENCE = re.compile(r"\$\{(%s[A-Z]+)\}|\\\$" % PREFIX)
_ENTRY = re.compile(r"""([A-Za-z_][A-Za-z0-9_]*)=(?:'([^']*)'|"((?:[^"\\`$\r]|\\\$|\$\{%s[A-Z]+\})*)")\n""" % PREFIX)
_COMMENTS = re.compile(r"(?:#[^\r\n]*\n)*")


def problem(value: bytes) -> Optional[str]:
    """Why no variable of all three readers can hold this value; None if it can."""
    if b"\0" in value:
        return "has a NUL byte, which no environment variable can hold"
    if len(value) > _LONGEST:
        return "is longer than %d bytes, which is about what Linux allows for one environment variable" % _LONGEST
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return "is not UTF-8 text, which Compose and Bun would change"
    return None


def render(values: Mapping[str, bytes], header: Iterable[str] = ()) -> bytes:
    """The file, its variables in the order of their names. header: lines that become comments.

    Values are such that problem() finds nothing about; names are names of variables that do not begin with PREFIX.
    """
    entries = ["%s=%s\n" % (name, _quoted(values[name].decode("utf-8"))) for name in sorted(values)]
    needed = set(_REFERENCE.findall("".join(entries)))
    definitions = [helper.definition for helper in _HELPERS if helper.name in needed]
    return "".join([*("# %s\n" % line for line in header), *definitions, *entries]).encode("utf-8")


def _quoted(text: str) -> str:
    if not _NOT_IN_SINGLE_QUOTES.search(text):
        return "'%s'" % text
    body, last = (text[:-1], _reference("$")) if text.endswith("$") else (text, "")
    return '"%s%s"' % ("".join(_in_double_quotes(character) for character in body), last)


def _in_double_quotes(character: str) -> str:
    if character == "$":
        return "\\$"
    return _reference(character) if character in _BY_CHARACTER else character


def _reference(character: str) -> str:
    return "${%s}" % _BY_CHARACTER[character].name


def header_of(data: bytes) -> List[str]:
    """The comment lines that a file begins with, as render() was given them."""
    found = _COMMENTS.match(data.decode("utf-8", "replace"))
    return [line[2:] for line in found.group().split("\n")[:-1]] if found else []


def parse(data: bytes) -> Dict[str, bytes]:
    """The values of a file that render() made. Raises ValueError, with the number of the line, for any other text."""
    text = data.decode("utf-8")
    position = _body(text)
    values: Dict[str, bytes] = {}
    while position < len(text):
        found = _ENTRY.match(text, position)
        if not found:
            raise ValueError("line %d is not as it was written" % (text.count("\n", 0, position) + 1))
        name, plain, double = found.groups()
        values[name] = (plain if double is None else _REFERENCE.sub(_character, double)).encode("utf-8")
        position = found.end()
    return values


def _body(text: str) -> int:
    """Where the entries begin, after comments and what is defined for single characters."""
    found = _COMMENTS.match(text)
    position = found.end() if found else 0
    for helper in _HELPERS:
        if text.startswith(helper.definition, position):
            position += len(helper.definition)
    return position


def _character(found: Match[str]) -> str:
    return _BY_NAME[found.group(1)].character if found.group(1) else "$"
