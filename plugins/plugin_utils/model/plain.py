# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible's values as plain Python: unsafe and tagged text, lazy containers, subclasses."""

from __future__ import annotations

from collections.abc import Mapping


def plain(value: object) -> object:
    """A deep copy made of exact dict, list, str, int, float, bool and None.

    Reading a lazy container of ansible-core 2.19 templates it: an undefined variable in it
    raises Ansible's own error here. Anything else (a date) is kept for the model to refuse.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, Mapping):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value
