# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Values inside JSON documents."""

from __future__ import annotations

import json
from typing import Any, Optional, Sequence, Union

from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError

_NAMES = {dict: "a mapping", list: "a list", str: "text", bool: "a boolean"}


def load_json(text: Union[str, bytes]) -> Any:
    """A document; its numbers are text, as they were written. Raises ValueError."""
    return json.loads(text, parse_int=str, parse_float=str)


def value_at(document: Any, path: Sequence[Union[str, int]]) -> Optional[bytes]:
    """The value at a path of keys and of places in lists, from 0; None where there is none, and for null.

    Text is as it is, numbers and booleans as JSON writes them. Raises SecretError for mappings and lists.
    """
    for depth, step in enumerate(path):
        if isinstance(document, list) and str(step).isdigit():
            document = document[int(step)] if int(step) < len(document) else None
        elif isinstance(document, dict):
            document = document.get(str(step))
        elif document is not None:
            place = ".".join(str(each) for each in path[:depth]) or "the top"
            raise SecretError(f"cannot be reached: {_name(document)} is at {place}; expected a mapping with {step}")
    return _bytes_of(document)


def _bytes_of(value: Any) -> Optional[bytes]:
    if value is None:
        return None
    if isinstance(value, bool):
        return b"true" if value else b"false"
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    raise SecretError(f"is {_name(value)}; expected text, a number or a boolean")


def _name(value: Any) -> str:
    return _NAMES[type(value)]
