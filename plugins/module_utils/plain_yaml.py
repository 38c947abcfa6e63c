# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""JSON-like data as plain block YAML, for diffs. PyYAML may be missing on the host."""

from __future__ import annotations

import json
import re
from typing import Any, List, Mapping

_PLAIN = re.compile(r"[A-Za-z_/][\w./@+ -]*(:[\w./@+-]+)*")
_WORDS = ("true", "false", "null", "yes", "no", "on", "off", "y", "n", "~")


def to_yaml(value: Mapping[str, Any]) -> str:
    """Block YAML with sorted keys; "" for nothing."""
    return "".join(f"{line}\n" for line in _lines(value)) if value else ""


def _lines(value: Any) -> List[str]:
    if isinstance(value, Mapping):
        lines: List[str] = []
        for key in sorted(value):
            lines.extend(_entry(f"{_scalar(str(key))}:", value[key], "  "))
        return lines
    lines = []
    for item in value:
        nested = _lines(item) if isinstance(item, (Mapping, list)) and item else [_scalar(item)]
        lines.extend(("- " if index == 0 else "  ") + line for index, line in enumerate(nested))
    return lines


def _entry(head: str, value: Any, indent: str) -> List[str]:
    if isinstance(value, (Mapping, list)) and value:
        return [head, *(indent + line for line in _lines(value))]
    if isinstance(value, str) and _fits_block(value):
        ended = value.endswith("\n")
        lines = value[:-1].split("\n") if ended else value.split("\n")
        return [f"{head} {'|' if ended else '|-'}", *(indent + line for line in lines)]
    return [f"{head} {_scalar(value)}"]


def _fits_block(text: str) -> bool:
    """Whether a text of several lines can be written as such, so that it is compared line by line.

    A block loses indentation at its start, empty lines at its end and control characters.
    """
    last = text[:-1].rpartition("\n")[2]
    return (
        "\n" in text[:-1]
        and not text[0].isspace()
        and bool(last.strip())
        and text.replace("\n", "").replace("\t", "").isprintable()
    )


def _scalar(value: Any) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS and value == value.strip():
        return value
    if isinstance(value, Mapping):
        return "{}"
    return json.dumps(value, ensure_ascii=False)
