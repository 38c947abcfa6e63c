# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Diff mode: what a run changes in each object, as two YAML texts that hold nothing else. Pure.

Values of Secrets, of environment variables and ConfigMap entries whose names promise one, and credentials in URLs
never show.
"""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.plain_yaml import to_yaml
from ansible_collections.bunops.platform.plugins.module_utils.secrecy import conceal, is_secret_name

Json = Dict[str, Any]
Path = Tuple[str, ...]

_MASK = "***"
_CHANGED = "*** (changed)"
# What the server keeps for itself; the second group in metadata.
_OWN = ("status",)
_OWN_METADATA = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
)
# It repeats whole objects, Secrets too.
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


class _Absent:
    """Stands for what is not there: null is a value."""


_ABSENT = _Absent()


def object_diff(title: str, before: Optional[Json], after: Optional[Json]) -> Dict[str, str]:
    """Ansible's diff document of one object; before: None if it was not there, after: None if it is removed."""
    known: Dict[Path, Any] = {}

    def remember(path: Path, value: Any) -> str:
        known[path] = value
        return _MASK

    def compare(path: Path, value: Any) -> str:
        return _CHANGED if path in known and known[path] != value else _MASK

    old = None if before is None else _masked(_clean(before), before.get("kind"), (), remember)
    new = None if after is None else _masked(_clean(after), after.get("kind"), (), compare)
    if old is not None and new is not None:
        old, new = _differing(old, new)
    return {
        "before_header": title,
        "after_header": title,
        "before": to_yaml(old) if old is not None else "",
        "after": to_yaml(new) if new is not None else "",
    }


def _clean(body: Mapping[str, Any]) -> Json:
    result = {key: value for key, value in body.items() if key not in _OWN}
    metadata = {key: value for key, value in (body.get("metadata") or {}).items() if key not in _OWN_METADATA}
    annotations = {key: value for key, value in (metadata.get("annotations") or {}).items() if key != _LAST_APPLIED}
    if "annotations" in metadata:
        metadata["annotations"] = annotations
    result["metadata"] = metadata
    return result


def _masked(value: Any, kind: Any, path: Path, mask: Callable[[Path, Any], str]) -> Any:
    """A copy of a value with everything secret in it masked; mask: makes the stand-in for the value at a path."""
    if isinstance(value, dict):
        return {
            key: mask((*path, key), item)
            if _is_secret(kind, (*path, key), value)
            else _masked(item, kind, (*path, key), mask)
            for key, item in value.items()
        }
    if isinstance(value, list):
        # The name keeps a variable the same when others come before it.
        names = [
            str(item.get("name", index)) if isinstance(item, dict) else str(index) for index, item in enumerate(value)
        ]
        return [_masked(item, kind, (*path, name), mask) for name, item in zip(names, value)]
    return conceal(value, *path)


def _is_secret(kind: Any, path: Path, parent: Mapping[str, Any]) -> bool:
    if len(path) == 2 and path[0] in ("data", "stringData", "binaryData"):
        return bool(kind == "Secret" or (kind == "ConfigMap" and is_secret_name(path[1])))
    return path[-1] == "value" and path[-3:-2] == ("env",) and is_secret_name(str(parent.get("name", "")))


def _differing(before: Json, after: Json) -> Tuple[Json, Json]:
    """Only what differs of two mappings."""
    old: Json = {}
    new: Json = {}
    for key in {**before, **after}:
        one, other = _difference(before.get(key, _ABSENT), after.get(key, _ABSENT))
        if one is not _ABSENT:
            old[key] = one
        if other is not _ABSENT:
            new[key] = other
    return old, new


def _difference(before: Any, after: Any) -> Tuple[Any, Any]:
    if isinstance(before, dict) and isinstance(after, dict):
        old, new = _differing(before, after)
        return (old, new) if old or new else (_ABSENT, _ABSENT)
    # As text: to Python 1 and true are the same.
    if _ABSENT not in (before, after) and json.dumps(before, sort_keys=True) == json.dumps(after, sort_keys=True):
        return _ABSENT, _ABSENT
    if _is_named(before) and _is_named(after):
        return _differing_items(before, after)
    return before, after


def _differing_items(before: List[Json], after: List[Json]) -> Tuple[Any, Any]:
    """Only the items that differ of two lists whose items have names, each with its name."""
    old, new = {item["name"]: item for item in before}, {item["name"]: item for item in after}
    if (
        len(old) != len(before)
        or len(new) != len(after)
        or [name for name in old if name in new] != [name for name in new if name in old]
    ):
        return before, after
    pairs = {name: _difference(old.get(name, _ABSENT), new.get(name, _ABSENT)) for name in {**old, **new}}
    return (
        [{"name": name, **pairs[name][0]} for name in old if pairs[name][0] is not _ABSENT],
        [{"name": name, **pairs[name][1]} for name in new if pairs[name][1] is not _ABSENT],
    )


def _is_named(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_name_of(item) is not None for item in value)


def _name_of(item: Any) -> Optional[str]:
    name = item.get("name") if isinstance(item, dict) else None
    return name if isinstance(name, str) else None
