# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Calls and values in Starlark, the language of Tiltfiles: https://github.com/bazelbuild/starlark/blob/master/spec.md"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_WIDTH = 110
_INDENT = "    "


class Code(str):
    """An expression that stands as it is: a name, or a call that was written already."""

    __slots__ = ()


def call(function: str, *values: Any, **named: Any) -> Code:
    """A call, on one line where it fits. Named arguments that are None are left out."""
    arguments = [written(value) for value in values]
    arguments += [f"{name} = {written(value)}" for name, value in named.items() if value is not None]
    return _enclosed(f"{function}(", arguments, ")")


def written(value: Any) -> str:
    """A value as a literal."""
    if isinstance(value, Code):
        return str.__str__(value)
    if isinstance(value, Mapping):
        return _enclosed("{", [f"{written(key)}: {written(item)}" for key, item in value.items()], "}")
    if isinstance(value, (list, tuple)):
        return _enclosed("[", [written(item) for item in value], "]")
    # JSON's escapes of text are Starlark's too.
    return repr(value) if isinstance(value, bool) else json.dumps(value, ensure_ascii=False)


def _enclosed(opening: str, items: list[str], closing: str) -> Code:
    line = f"{opening}{', '.join(items)}{closing}"
    if len(line) <= _WIDTH and "\n" not in line:
        return Code(line)
    lines = [f"{_INDENT}{item},".replace("\n", f"\n{_INDENT}") for item in items]
    return Code("\n".join([opening, *lines, closing]))
