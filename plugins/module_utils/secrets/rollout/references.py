# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Where a workload's pods name Secrets, and how it is made to name others without taking fields from anybody. Pure.

https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
"""

from __future__ import annotations

import copy
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY
from ansible_collections.bunops.platform.plugins.module_utils.cluster.fields import configuration, managed
from ansible_collections.bunops.platform.plugins.module_utils.cluster.state import MANAGER

Json = Dict[str, Any]
# Keys and indices from the object down.
Path = Tuple[Any, ...]

JSON_PATCH = "application/json-patch+json"
_POD = ("spec", "template", "spec")
# Fields of a pod's spec that are references to a Secret in their `name`: those of variables (secretKeyRef), of whole
# environments and storage drivers (secretRef, nodePublishSecretRef), of a projected volume's sources (secret).
_REFERENCES = ("secretKeyRef", "secretRef", "nodePublishSecretRef", "secret")


class Patch(NamedTuple):
    """A request that makes a workload name other Secrets. manager: in whose name."""

    manager: str
    content_type: str
    body: Any


def references(workload: Mapping[str, Any]) -> Iterator[Tuple[Path, str]]:
    """Each place in a pod template that names a Secret, with the name: in containers, volumes and image pulls."""
    spec: Any = workload
    for key in _POD:
        spec = (spec or {}).get(key)
    yield from _below(spec, _POD)


def _below(value: Any, path: Path) -> Iterator[Tuple[Path, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "secretName" and isinstance(inner, str):
                yield (*path, key), inner
            elif key in _REFERENCES and isinstance(inner, dict) and isinstance(inner.get("name"), str):
                yield (*path, key, "name"), inner["name"]
            elif key == "imagePullSecrets":
                named = enumerate(each.get("name") or "" for each in inner or [])
                yield from (((*path, key, index, "name"), name) for index, name in named)
            else:
                yield from _below(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _below(inner, (*path, index))


def names_any(workload: Mapping[str, Any], names: Mapping[str, str]) -> bool:
    """Whether its pods name one of the Secrets that have another name now."""
    return any(name in names for _unused, name in references(workload))


def next_patch(live: Mapping[str, Any], names: Mapping[str, str]) -> Optional[Patch]:
    """A request after which a workload has less, mostly none, of the former names; None if it has none.

    It goes out in the name of who owns the fields, so that they stay that one's: a later apply by the same with the
    new names is no change, and one with other names no conflict. With server-side apply the owner's whole
    configuration is needed; it is known from managedFields.
    """
    if not names_any(live, names):
        return None
    owner = MANAGER
    for entry in managed(live):
        if entry.get("subresource"):
            continue
        part = configuration(entry.get("fieldsV1") or {}, live)
        if not names_any(part, names):
            continue
        if entry.get("operation") == "Apply":
            return Patch(str(entry.get("manager")), APPLY, _renamed(part, live, names))
        owner = str(entry.get("manager"))
    return Patch(owner, JSON_PATCH, list(_operations(live, names)))


def _renamed(part: Json, live: Mapping[str, Any], names: Mapping[str, str]) -> Json:
    body = copy.deepcopy(part)
    for path, name in references(part):
        if name in names:
            holder: Any = body
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = names[name]
    # Not over what others have written in the meantime.
    body["metadata"]["resourceVersion"] = live["metadata"]["resourceVersion"]
    return body


def _operations(live: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[Json]:
    """https://www.rfc-editor.org/rfc/rfc6902; a test of the former name before each replacement."""
    for path, name in references(live):
        if name in names:
            # Keys of these paths hold nothing that JSON pointers escape: they are fields of the API.
            pointer = "".join("/%s" % key for key in path)
            yield {"op": "test", "path": pointer, "value": name}
            yield {"op": "replace", "path": pointer, "value": names[name]}


def replaced_names(former: Mapping[str, Any], names: Mapping[str, str]) -> Dict[str, str]:
    """The way back for a workload: the new names with the ones that it had."""
    found: List[Tuple[str, str]] = [(names[name], name) for _unused, name in references(former) if name in names]
    return dict(found)
