# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether applying an object would change anything, found out without asking the API server. Pure.

What the server remembers of our last apply says how it reads every field: which lists have keys, what is owned whole.
An object is unchanged if it owns exactly the fields that we want and each of them has the value that we want. The
answer errs on one side only: what is reported as the same is the same; in doubt the server is asked.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.cluster.defaults import (
    defaulted,
    has_keyed_items,
    same_quantity,
)
from ansible_collections.bunops.platform.plugins.module_utils.cluster.fields import (
    Fields,
    applied_fields,
    children,
    find_item,
    key_of,
)

Path = Tuple[str, ...]
_IDENTITY = ("apiVersion", "kind")
_IDENTITY_METADATA = ("name", "namespace")


def difference(desired: Mapping[str, Any], live: Mapping[str, Any], manager: str) -> Optional[str]:
    """Why the object has to be applied, as a cause for people without any value in it; None if nothing differs."""
    fields = applied_fields(live, manager)
    if fields is None:
        return "not applied by us so far"
    wanted = {key: value for key, value in desired.items() if key not in _IDENTITY}
    metadata = {key: value for key, value in desired["metadata"].items() if key not in _IDENTITY_METADATA}
    wanted["metadata"] = metadata
    if not metadata:
        del wanted["metadata"]
    return _Comparison(desired["apiVersion"]).value(wanted, fields, live, ())


class _Comparison:
    def __init__(self, api_version: str) -> None:
        self._api_version = api_version

    def value(self, desired: Any, fields: Fields, live: Any, path: Path) -> Optional[str]:
        nodes = children(fields)
        if not nodes:
            return None if self._equal(desired, live, path) else f"{_text(path)} differs"
        if isinstance(desired, dict) and isinstance(live, dict):
            return self._mapping(desired, nodes, live, path)
        if isinstance(desired, list) and isinstance(live, list):
            return self._items(desired, nodes, live, path)
        return f"{_text(path)} differs"

    def _mapping(
        self, desired: Dict[str, Any], nodes: Sequence[Tuple[str, Fields]], live: Dict[str, Any], path: Path
    ) -> Optional[str]:
        owned = {key_of(child)[1]: below for child, below in nodes}
        for name in desired:
            if name not in owned and not self._owns_nothing(desired[name], name, live):
                return f"{_text((*path, name))} is not ours so far"
        for name, below in owned.items():
            inner = (*path, name)
            if name not in desired:
                return f"{_text(inner)} is not wanted any more"
            if name not in live:
                # What is empty (false, 0, "", {}) is often not stored, but remembered as ours.
                if not desired[name] and not children(below):
                    continue
                return f"{_text(inner)} is not there"
            cause = self.value(desired[name], below, live[name], inner)
            if cause:
                return cause
        return None

    def _owns_nothing(self, value: Any, name: str, live: Mapping[str, Any]) -> bool:
        """Whether a field that is not remembered as ours is none: an empty list whose items have keys."""
        if value != [] or not isinstance(value, list):
            return False
        return isinstance(live.get(name), list) or has_keyed_items(self._api_version, name)

    def _items(
        self, desired: List[Any], nodes: Sequence[Tuple[str, Fields]], live: List[Any], path: Path
    ) -> Optional[str]:
        if len(desired) != len(nodes):
            return f"{_text(path)} differs"
        places: List[int] = []
        left = [(*key_of(child), below) for child, below in nodes]
        for item in desired:
            matches = [node for node in left if _means(item, node[0], node[1])]
            if len(matches) != 1:
                return f"{_text(path)} differs"
            kind, key, below = matches[0]
            left.remove(matches[0])
            place = find_item(live, kind, key)
            if place is None:
                return f"{_text(path)} differs"
            places.append(place)
            if kind == "k":
                cause = self.value(item, below, live[place], (*path, _item_text(key)))
                if cause:
                    return cause
        # The server puts items into the order of the one who applies them.
        return None if places == sorted(places) else f"{_text(path)} has another order"

    def _equal(self, desired: Any, live: Any, path: Path) -> bool:
        """Whether two values are the same, or the server makes the live one from the desired one."""
        if isinstance(desired, dict) and isinstance(live, dict):
            return all(
                name in live and self._equal(value, live[name], (*path, name)) for name, value in desired.items()
            ) and all(
                name in desired or defaulted(self._api_version, path, name, value) for name, value in live.items()
            )
        if isinstance(desired, list) and isinstance(live, list):
            return len(desired) == len(live) and all(self._equal(one, other, path) for one, other in zip(desired, live))
        if type(desired) is type(live) and desired == live:
            return True
        return same_quantity(self._api_version, path, desired, live)


def _means(item: Any, kind: str, key: Any) -> bool:
    """Whether a wanted list item can be the one that a node stands for: a key field may be left to its default."""
    if kind == "v":
        return type(item) is type(key) and item == key
    return isinstance(item, dict) and all(item.get(name, value) == value for name, value in key.items())


def _text(path: Path) -> str:
    return ".".join(path).replace(".[", "[") or "the object"


def _item_text(key: Mapping[str, Any]) -> str:
    return "[" + ",".join(str(value) for value in key.values()) + "]"
