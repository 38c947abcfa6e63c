# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The objects that a user wants: read once, checked, and brought into the form in which they are applied. Pure."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.cluster.discovery import Discovery, Resource
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ClusterError, UnknownKind

Json = Dict[str, Any]

CRD_GROUP = "apiextensions.k8s.io"


class Key(NamedTuple):
    """What tells objects of a cluster apart. namespace: "" for kinds that have none."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


class Item(NamedTuple):
    """An object to apply. foreseen: its kind comes with a CRD of the same set and is not served yet."""

    key: Key
    resource: Resource
    body: Json
    foreseen: bool = False

    @property
    def path(self) -> str:
        """Its path at the API server."""
        return self.resource.path(self.key.namespace, self.key.name)


class BadObjects(ClusterError):
    """Objects that cannot be applied; problems: one sentence each, all of them."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


def read_objects(objects: Iterable[Any], discovery: Discovery, namespace: str) -> List[Item]:
    """The objects as items: lists expanded, namespaces filled in, every kind looked up.

    namespace: for namespaced objects that name none. Raises BadObjects with all problems.
    """
    bodies: List[Tuple[str, Json]] = []
    problems: List[str] = []
    for index, entry in enumerate(objects):
        _expand(f"objects[{index}]", entry, bodies, problems)
    foreseen = _kinds_of_crds(body for _unused, body in bodies)
    items: Dict[Key, Item] = {}
    for place, body in bodies:
        found = _shape_problems(body)
        problems += [f"{place}: {problem}" for problem in found]
        if found:
            continue
        try:
            item = _item(body, discovery, foreseen, namespace)
        except ClusterError as error:
            problems.append(f"{place} ({body['kind']} {body['metadata']['name']}): {error}")
            continue
        if item.key in items:
            problems.append(f"{place}: {item.key} is there twice")
        items[item.key] = item
    if problems:
        raise BadObjects(problems)
    return list(items.values())


def _expand(place: str, entry: Any, bodies: List[Tuple[str, Json]], problems: List[str]) -> None:
    # An empty document of a YAML stream is no object.
    if entry is None:
        return
    if not isinstance(entry, dict):
        problems.append(f"{place}: expected an object, a mapping with apiVersion, kind and metadata")
        return
    items = entry.get("items")
    if str(entry.get("kind")).endswith("List") and isinstance(items, list):
        for index, item in enumerate(items):
            _expand(f"{place}.items[{index}]", item, bodies, problems)
        return
    bodies.append((place, entry))


def _shape_problems(body: Json) -> List[str]:
    metadata = body.get("metadata")
    problems = [f"{name}: expected a text" for name in ("apiVersion", "kind") if not _is_text(body.get(name))]
    if not isinstance(metadata, dict):
        return [*problems, "metadata: expected a mapping with the object's name"]
    if not _is_text(metadata.get("name")):
        hint = (
            "; generateName makes a new object each time, which cannot be applied" if "generateName" in metadata else ""
        )
        problems.append(f"metadata.name: expected a text{hint}")
    if metadata.get("namespace") is not None and not _is_text(metadata["namespace"]):
        problems.append("metadata.namespace: expected a text")
    if not isinstance(metadata.get("labels") or {}, dict):
        problems.append("metadata.labels: expected a mapping")
    if body.get("kind") == "Secret" and body.get("apiVersion") == "v1":
        problems += _secret_problems(body)
    return problems


def _secret_problems(body: Json) -> List[str]:
    """Found here because the server's own message would quote the value."""
    problems: List[str] = []
    for section in ("data", "stringData"):
        values = body.get(section) or {}
        if not isinstance(values, dict):
            return [f"{section}: expected a mapping"]
        for name, value in values.items():
            if not isinstance(value, str):
                problems.append(f"{section}.{name}: expected a text")
            elif section == "data" and not _is_base64(value):
                problems.append(f"data.{name}: expected Base64; plain text belongs into stringData")
    return problems


def _item(body: Json, discovery: Discovery, foreseen: Mapping[Tuple[str, str], Resource], namespace: str) -> Item:
    metadata = body["metadata"]
    identity = (body["apiVersion"], body["kind"])
    new = False
    try:
        resource = discovery.resource(*identity)
    except UnknownKind as error:
        if identity not in foreseen:
            raise ClusterError(_with_hint(error, discovery)) from None
        resource, new = foreseen[identity], True
    if "patch" not in resource.verbs:
        raise ClusterError(f"the API server does not let {resource.plural} be applied")
    if not resource.namespaced and metadata.get("namespace"):
        raise ClusterError(f"{body['kind']} belongs to no namespace; metadata.namespace has to go")
    own = (metadata.get("namespace") or namespace) if resource.namespaced else ""
    key = Key(resource.group, resource.kind, own, metadata["name"])
    return Item(key, resource, _normalized(body, own, resource), new)


def _with_hint(error: UnknownKind, discovery: Discovery) -> str:
    others = discovery.versions_of(error.kind)
    return f"{error}; it serves {error.kind} in {', '.join(others)}" if others else str(error)


def _normalized(body: Json, namespace: str, resource: Resource) -> Json:
    metadata = {key: value for key, value in body["metadata"].items() if value is not None}
    if namespace:
        metadata["namespace"] = namespace
    result = {**body, "metadata": metadata}
    if "status" in resource.subresources:
        # Not applied with the object; generated manifests often have an empty one.
        result.pop("status", None)
    if body["kind"] == "Secret" and body["apiVersion"] == "v1" and "stringData" in body:
        # The server would forget that a key came from there and never remove it again:
        # https://github.com/kubernetes/kubernetes/issues/108008
        plain = result.pop("stringData") or {}
        encoded = {name: base64.b64encode(value.encode()).decode() for name, value in plain.items()}
        result["data"] = {**(body.get("data") or {}), **encoded}
    return result


def _kinds_of_crds(bodies: Iterable[Json]) -> Dict[Tuple[str, str], Resource]:
    """The kinds that CRDs among the objects define, by apiVersion and kind."""
    kinds: Dict[Tuple[str, str], Resource] = {}
    for body in bodies:
        if body.get("kind") != "CustomResourceDefinition":
            continue
        spec = _mapping(body.get("spec"))
        names, versions = _mapping(spec.get("names")), spec.get("versions")
        for version in versions if isinstance(versions, list) else []:
            api_version = f"{spec.get('group')}/{_mapping(version).get('name')}"
            kind, plural = str(names.get("kind")), str(names.get("plural"))
            namespaced = spec.get("scope") == "Namespaced"
            kinds[(api_version, kind)] = Resource(api_version, kind, plural, namespaced, ("patch", "list"))
    return kinds


def _mapping(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _is_text(value: Optional[Any]) -> bool:
    return isinstance(value, str) and value != ""


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def group_kind(key: Key) -> str:
    """A kind as the ApplySet annotations write it: "Deployment.apps", "Secret"."""
    return f"{key.kind}.{key.group}" if key.group else key.kind


def of_kind(items: Iterable[Item], group: str, kind: str) -> List[Item]:
    """The items of one kind."""
    return [item for item in items if (item.key.group, item.key.kind) == (group, kind)]
