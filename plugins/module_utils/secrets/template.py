# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Templates of values: text with `${NAME}` and `${NAME|filter}` in it; `$$` is a dollar. Pure."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Callable, Collection, Dict, Iterator, List, Mapping, Set
from urllib.parse import quote_from_bytes

from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError

# The name that stands for the secret's own value.
OWN = "value"
_PART = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)(?P<filters>(?:\|[^|{}$]*)*)\})?")


def _json(value: bytes) -> bytes:
    """What stands between the quotes of a JSON string. RFC 8259."""
    return json.dumps(value.decode("utf-8"), ensure_ascii=False)[1:-1].encode("utf-8")


_FILTERS: Dict[str, Callable[[bytes], bytes]] = {
    "base64": base64.b64encode,
    "urlencode": lambda value: quote_from_bytes(value, safe="").encode("ascii"),
    "sha256": lambda value: hashlib.sha256(value).hexdigest().encode("ascii"),
    "json": _json,
}


def references(template: str) -> Set[str]:
    """The names in a template, `value` for the secret's own among them."""
    return {part["name"] for part in _PART.finditer(template) if part["name"]}


def problems(template: str, known: Collection[str]) -> List[str]:
    """What is wrong with a template, a line each. known: the names that it may refer to."""
    return [problem for part in _PART.finditer(template) for problem in _problems(part, known)]


def _problems(part: "re.Match[str]", known: Collection[str]) -> Iterator[str]:
    if not part["name"]:
        if not part["dollar"]:
            yield f"the template has a $ at character {part.start() + 1} alone; expected ${{NAME}}, or $$ for a dollar"
        return
    if part["name"] not in known:
        expected = "a secret with a source of its own" if part["name"] == OWN else "the name of a secret"
        yield f"the template refers to {part['name']}, which is not there; expected {expected}"
    for name in _filters(part):
        if name not in _FILTERS:
            yield f"the template has the filter '{name}'; expected one of {', '.join(_FILTERS)}"


def render(template: str, values: Mapping[str, bytes], own: bytes) -> bytes:
    """The value that a template without problems makes. own: what `${value}` stands for.

    Raises SecretError: a value for the filter json is no UTF-8.
    """
    rendered, position = b"", 0
    for part in _PART.finditer(template):
        rendered += _bytes(template[position : part.start()])
        rendered += b"$" if part["dollar"] else _filtered(part, own if part["name"] == OWN else values[part["name"]])
        position = part.end()
    return rendered + _bytes(template[position:])


def _filtered(part: "re.Match[str]", value: bytes) -> bytes:
    for name in _filters(part):
        try:
            value = _FILTERS[name](value)
        except UnicodeDecodeError:
            raise SecretError(f"the value of {part['name']} is no UTF-8; expected it for the filter {name}") from None
    return value


def _filters(part: "re.Match[str]") -> List[str]:
    return [name.strip() for name in part["filters"].split("|")[1:]]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
