# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""An entry as text for people."""

from __future__ import annotations

import json
import re
import zlib

from .entry import Entry

# Of the terminal's own theme; red is for errors.
_PALETTE = ("36", "33", "32", "35", "34", "96", "93", "92", "95", "94")
_LEVEL_COLOURS = {"warn": "33", "error": "31", "fatal": "1;31"}
_DIM = "2"
_SERVICE_WIDTH = 12
_LEVEL_WIDTH = 5
_INDENT = "    "
# These need no quotes.
_PLAIN = re.compile(r"[^\s\"=]+")


class Renderer:
    """One line an entry, an error's stack on indented lines below. A service keeps its colour."""

    def __init__(self, *, colour: bool) -> None:
        self._colour = colour
        self._colours: dict[str, str] = {}

    def text(self, entry: Entry) -> str:
        """Without a line break at the end."""
        first, *more = entry.text.splitlines() or [""]
        level_colour = _LEVEL_COLOURS.get(entry.level, "")
        fields = [f"{self._painted(_safe(name) + '=', _DIM)}{_value(value)}" for name, value in entry.fields.items()]
        said = [part for part in (self._painted(_safe(first), level_colour), " ".join(fields)) if part]
        columns = [
            self._painted(entry.time.astimezone().strftime("%H:%M:%S.%f")[:-3], _DIM),
            self._painted(f"{_safe(entry.service):<{_SERVICE_WIDTH}}", self._colour_of(entry.service)),
            self._painted(f"{_safe(entry.level):<{_LEVEL_WIDTH}}", level_colour),
            "  ".join(said),
        ]
        below = [self._painted(_INDENT + _safe(line), _DIM) for line in [*more, *entry.stack.splitlines()]]
        return "\n".join([" ".join(columns).rstrip(), *below])

    def _painted(self, text: str, colour: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colour and colour and text else text

    def _colour_of(self, service: str) -> str:
        """By its name, so that it is the same in each run; the next free one where another service has it."""
        if service not in self._colours:
            at = zlib.crc32(service.encode(errors="replace"))
            nearest = [_PALETTE[(at + step) % len(_PALETTE)] for step in range(len(_PALETTE))]
            taken = set(self._colours.values())
            self._colours[service] = next((colour for colour in nearest if colour not in taken), nearest[0])
        return self._colours[service]


def _value(value: object) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return _safe(value)
    return _safe(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _safe(text: str) -> str:
    """What is logged may come from strangers: nothing of it steers the terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\t" else c.encode("unicode_escape").decode() for c in text)
