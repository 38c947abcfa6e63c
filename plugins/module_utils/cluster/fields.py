# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Field sets: what the API server remembers about who owns which fields (metadata.managedFields). Pure.

A set is a tree: `f:<name>` is a field, `k:{…}` the list item with these key fields, `v:…` a value in a list that is a
set, `.` the node itself. A node without children is owned whole.
https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.37/#fieldsv1-v1-meta
"""

from __future__ import annotations

import json
from typing import Any, Dict, List, Mapping, Optional, Tuple

Json = Dict[str, Any]
Fields = Mapping[str, Any]

# Never in a set: they say which object it is.
_IDENTITY = ("name", "namespace")


def applied_fields(live: Mapping[str, Any], manager: str, any_version: bool = False) -> Optional[Fields]:
    """The set of a manager's server-side applies, None if it never applied the object (in the version that it has)."""
    for entry in managed(live):
        if entry.get("manager") == manager and entry.get("operation") == "Apply" and not entry.get("subresource"):
            known = any_version or entry.get("apiVersion") == live.get("apiVersion")
            return (entry.get("fieldsV1") or {}) if known else None
    return None


def managed(live: Mapping[str, Any]) -> List[Json]:
    """The entries of metadata.managedFields."""
    return list((live.get("metadata") or {}).get("managedFields") or [])


def owned_by_others(live: Mapping[str, Any], manager: str) -> List[Tuple[str, Fields]]:
    """The names and sets of everybody but the manager's applies, as far as the object itself goes (not its status)."""
    return [
        (str(entry.get("manager")), entry.get("fieldsV1") or {})
        for entry in managed(live)
        if not entry.get("subresource") and not (entry.get("manager") == manager and entry.get("operation") == "Apply")
    ]


def children(fields: Fields) -> List[Tuple[str, Fields]]:
    """The nodes below a node."""
    return [(key, value) for key, value in fields.items() if key != "."]


def key_of(child: str) -> Tuple[str, Any]:
    """What a node stands for: ("f", field name), ("k", {field: value}) or ("v", value)."""
    kind, _unused, text = child.partition(":")
    return (kind, text) if kind == "f" else (kind, json.loads(text))


def find_item(items: List[Any], kind: str, key: Any) -> Optional[int]:
    """Index of the list item that a `k:` or `v:` node means."""
    for index, item in enumerate(items):
        if kind == "v" and item == key:
            return index
        if kind == "k" and isinstance(item, dict) and all(item.get(name) == value for name, value in key.items()):
            return index
    return None


def extract(fields: Fields, value: Any) -> Any:
    """The part of a value that a field set owns."""
    nodes = children(fields)
    if not nodes:
        return value
    if isinstance(value, dict):
        picked: Json = {}
        for child, below in nodes:
            name = key_of(child)[1]
            if name in value:
                picked[name] = extract(below, value[name])
        return picked
    if isinstance(value, list):
        return _extract_items(nodes, value)
    return value


def _extract_items(nodes: List[Tuple[str, Fields]], items: List[Any]) -> List[Any]:
    found: Dict[int, Any] = {}
    for child, below in nodes:
        kind, key = key_of(child)
        index = find_item(items, kind, key)
        if index is not None:
            item = items[index]
            # Key fields that are not ours are there by default, and will be again.
            found[index] = (extract(below, item) if children(below) else dict(key)) if kind == "k" else item
    return [found[index] for index in sorted(found)]


def configuration(fields: Fields, live: Mapping[str, Any]) -> Json:
    """The object that a manager would have to apply to own just these fields with their present values."""
    picked = extract(fields, live) if children(fields) else {}
    metadata = live["metadata"]
    identity = {key: metadata[key] for key in _IDENTITY if key in metadata}
    return {
        **picked,
        "apiVersion": live["apiVersion"],
        "kind": live["kind"],
        "metadata": {**picked.get("metadata", {}), **identity},
    }


def overlaid(fields: Fields, target: Any, source: Any) -> Any:
    """A copy of target in which what a field set owns is as it is in source."""
    nodes = children(fields)
    if not nodes:
        return source
    if isinstance(target, dict) and isinstance(source, dict):
        result = dict(target)
        for child, below in nodes:
            name = key_of(child)[1]
            if name in source:
                result[name] = overlaid(below, target.get(name), source[name])
        return result
    if isinstance(target, list) and isinstance(source, list):
        items = list(target)
        for child, below in nodes:
            kind, key = key_of(child)
            place, origin = find_item(items, kind, key), find_item(source, kind, key)
            if origin is not None and place is not None:
                items[place] = overlaid(below, items[place], source[origin])
            elif origin is not None:
                items.append(source[origin])
        return items
    return extract(fields, source)


def common(one: Fields, other: Fields) -> Fields:
    """The fields of the first set that the other one owns, too."""
    result: Dict[str, Any] = {}
    for key, below in one.items():
        if key not in other:
            continue
        if not children(below) or not children(other[key]):
            result[key] = below
        else:
            shared = common(below, other[key])
            if shared:
                result[key] = shared
    return result


def minus(one: Fields, other: Fields) -> Fields:
    """The fields of the first set that the other one does not own."""
    result: Dict[str, Any] = {}
    for key, below in one.items():
        if key not in other:
            result[key] = below
        elif children(below) and children(other[key]):
            left = minus(below, other[key])
            if children(left):
                result[key] = left
    return result
