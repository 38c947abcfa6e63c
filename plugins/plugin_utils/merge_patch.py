# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""JSON Merge Patch: https://www.rfc-editor.org/rfc/rfc7386"""

from __future__ import annotations

from collections.abc import Mapping

from .model.yaml_words import refusal, string_hint


class PatchError(ValueError):
    """A patch, or what it is for, is not made of JSON's mappings. The text begins with the path."""


def merge_patch(target: object, patch: object) -> object:
    """A copy of `target` with `patch` in it.

    Mappings are merged, null takes a key out, everything else takes the place of what was there: lists as a whole.
    """
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def patched_mapping(target: object, patch: object, names: tuple[str, str]) -> dict[str, object]:
    """The same for mappings alone. names: what target and patch are called. Raises PatchError."""
    for value, name in zip((target, patch), names, strict=True):
        if not isinstance(value, Mapping):
            raise PatchError(f"{name}: {refusal(value, 'a mapping')}")
    _check_keys(patch, names[1])
    merged = merge_patch(target, patch)
    return merged if isinstance(merged, dict) else {}


def _check_keys(node: object, path: str) -> None:
    """YAML knows keys that JSON does not have; merged, they would stand beside the key that was meant."""
    children = node.items() if isinstance(node, Mapping) else ()
    for key, value in children:
        if not isinstance(key, str):
            raise PatchError(f"{path}: the key {refusal(key, 'a string', string_hint(key))}")
        _check_keys(value, f"{path}.{key}")
