# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Text in a Compose file: what is interpolated, what is meant literally, sizes.

Interpolation: https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model.quantities import Memory

_OF_THE_HOST = {"HOME", "HOSTNAME", "LANG", "PATH", "PWD", "SHELL", "TERM", "TMPDIR", "TZ", "USER"}
_OF_DOCKER = ("BUILDKIT_", "BUILDX_", "COMPOSE_", "DOCKER_")


class Interpolated(str):
    """Text whose `${…}` Compose has to read; all other text is escaped by `finished`."""

    __slots__ = ()


def overridable(name: str, default: str) -> str:
    """A value that .env and .env.local may override: `${LOG_LEVEL:-info}`."""
    if not can_be_overridden(name, default):
        return default
    return Interpolated(f"${{{name}:-{escaped(default)}}}")


def can_be_overridden(name: str, value: str) -> bool:
    """Whether Compose can read a text as the default of a variable.

    It ends a default at the first brace that closes none, and knows no line breaks in it. Some
    names stand for something else wherever Compose is run, and would leak into containers.
    """
    if name in _OF_THE_HOST or name.startswith(_OF_DOCKER):
        return False
    depth = 0
    for character in value:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0 and "\n" not in value and "\r" not in value


def escaped(text: str) -> str:
    return text.replace("$", "$$")


def size(memory: Memory) -> str:
    """An amount of memory as Docker writes it; its `m` is 2^20 bytes."""
    mebibytes, rest = divmod(memory.bytes, 2**20)
    return f"{memory.bytes}b" if rest else f"{mebibytes}m"


def finished(node: Any) -> Any:
    """A plain, sorted copy: literal text escaped, keys without a value left out."""
    if isinstance(node, Mapping):
        return {key: finished(node[key]) for key in sorted(node) if node[key] is not None}
    if isinstance(node, (list, tuple)):
        return [finished(item) for item in node]
    if isinstance(node, Interpolated):
        return str.__str__(node)
    return escaped(node) if isinstance(node, str) else node
