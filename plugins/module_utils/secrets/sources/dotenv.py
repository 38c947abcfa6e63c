# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Secrets in .env files.

No standard says what such a file is; this is what Compose, Bun and a shell agree on, and no variables in values.
"""

from __future__ import annotations

import re
from typing import Any, Dict, Hashable, Mapping, Optional, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.secrets import dotenv_text
from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.content import read_content
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.model import Surroundings

OPTIONS: Dict[str, Any] = {
    "type": "dict",
    "options": {"path": {"type": "path", "required": True}, "key": {"type": "str", "no_log": False}},
}

_END = rb"[ \t]*\r?(?:\n|\Z)"
_COMMENT = rb"(?:[ \t]+#[^\n]*)?"
_NOTHING = re.compile(rb"[ \t]*(?:#[^\n]*)?\r?(?:\n|\Z)")
_KEY = re.compile(rb"[ \t]*(?:export[ \t]+)?(?P<key>[A-Za-z_][A-Za-z0-9_.-]*)[ \t]*")
_NO_VALUE = re.compile(_END)
_QUOTE = re.compile(rb"=[ \t]*(?P<quote>['\"])")
_SINGLE = re.compile(rb"=[ \t]*'(?P<value>[^']*)'" + _COMMENT + _END)
_DOUBLE = re.compile(rb'=[ \t]*"(?P<value>(?:[^"\\]|\\.)*)"' + _COMMENT + _END, re.DOTALL)
_PLAIN = re.compile(rb"=(?P<value>[^\r\n]*?)" + _COMMENT + _END)
_ESCAPE = re.compile(rb'\\([nrt"\\$])')
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}


class Dotenv:
    """One key of one file."""

    kind = "dotenv"

    def __init__(self, path: str, key: str) -> None:
        self._path = path
        self._key = key

    @classmethod
    def from_options(cls, name: str, options: Mapping[str, Any], _surroundings: Surroundings) -> Dotenv:
        """The source of one secret, whose name is the key unless there is another one."""
        return cls(options["path"], options.get("key") or name)

    def describe(self) -> str:
        """Words for messages."""
        return f"{self._key} in the file {self._path}"

    def unit(self) -> Hashable:
        """What is fetched."""
        return self.kind, self._path

    def fetch(self) -> Optional[Dict[str, bytes]]:
        """All values of the file, by key. Raises SecretError."""
        content = read_content(self._path)
        if content is None:
            return None
        try:
            # A file of the target `dotenv`: its values may refer to variables that it defines itself.
            return dotenv_text.parse(content)
        except ValueError:
            return parse(content)

    def pick(self, document: Mapping[str, bytes]) -> Optional[bytes]:
        """The value of the key."""
        return document.get(self._key)


def parse(content: bytes) -> Dict[str, bytes]:
    r"""The values of a .env file, by key; of a key that is there twice, the last one.

    Lines are `KEY=value`, with `export` before it or not, comments after #, or empty; a KEY alone has no value.
    A value is 'literal', or "with the escapes \n \r \t \" \\ \$", both over several lines if need be, or plain: then
    without the blanks around it, and a comment begins with a blank and #. $VARIABLES are not replaced: a $ is a $.
    Raises SecretError with the number of the line that is none of these.
    """
    values: Dict[str, bytes] = {}
    # What some editors begin a file with.
    position = 3 if content.startswith(b"\xef\xbb\xbf") else 0
    while position < len(content):
        nothing = _NOTHING.match(content, position)
        if nothing:
            position = nothing.end()
            continue
        found = _KEY.match(content, position)
        if not found:
            raise _problem(content, position, "is no KEY=value")
        alone = _NO_VALUE.match(content, found.end())
        if alone:
            position = alone.end()
            continue
        values[found["key"].decode("ascii")], position = _value(content, found.end())
    return values


def _value(content: bytes, position: int) -> Tuple[bytes, int]:
    """The value after a key, and where the next line begins."""
    quote = _QUOTE.match(content, position)
    pattern = _PLAIN if not quote else _SINGLE if quote["quote"] == b"'" else _DOUBLE
    found = pattern.match(content, position)
    if not found:
        problem = "has a quote that is not closed, or something after it" if quote else "is no KEY=value"
        raise _problem(content, position, problem)
    value = found["value"]
    if pattern is _DOUBLE:
        value = _ESCAPE.sub(lambda escape: _ESCAPED.get(escape[1], escape[1]), value)
    return (value if quote else value.strip(b" \t")), found.end()


def _problem(content: bytes, position: int, words: str) -> SecretError:
    line = content.count(b"\n", 0, position) + 1
    return SecretError(f"cannot be read: line {line} {words}; expected the form of a .env file")
