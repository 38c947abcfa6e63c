# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""JSON Schemas of objects, made of the API server's own description and of CustomResourceDefinitions, for kubeconform.

Strict: a field that the API does not know is an error. https://github.com/yannh/kubeconform#overriding-schemas-location
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

Schema = dict[str, Any]

_PREFIX = "#/definitions/"
_INT_OR_STRING = {"anyOf": [{"type": "integer"}, {"type": "string"}]}


def write_schemas(api: Mapping[str, Any], kinds: Iterable[tuple[str, str]], folder: Path) -> None:
    """A file for each apiVersion and kind, complete in itself, called as `file_name` says."""
    definitions: Mapping[str, Schema] = api["definitions"]
    for api_version, kind in kinds:
        (folder / file_name(api_version, kind)).write_text(json.dumps(_document(definitions, api_version, kind)))


def write_custom_schemas(
    definitions: Iterable[Mapping[str, Any]], kinds: Iterable[tuple[str, str]], folder: Path
) -> None:
    """The same for kinds of CustomResourceDefinitions."""
    wanted = set(kinds)
    for definition in definitions:
        spec = definition["spec"]
        for version in spec["versions"]:
            api_version, kind = f"{spec['group']}/{version['name']}", spec["names"]["kind"]
            if (api_version, kind) in wanted:
                schema = _strict(_with_metadata(version["schema"]["openAPIV3Schema"]))
                (folder / file_name(api_version, kind)).write_text(json.dumps(schema))


def _with_metadata(schema: Schema) -> Schema:
    """What an object has besides is not described in its definition."""
    metadata = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {**schema, "properties": {**schema["properties"], "metadata": metadata}}


def file_name(api_version: str, kind: str) -> str:
    """As kubeconform's `{{.ResourceKind}}{{.KindSuffix}}.json`: `deployment-apps-v1.json`."""
    group, _, version = api_version.rpartition("/")
    parts = [kind.lower(), *([group.partition(".")[0]] if group else []), version]
    return "-".join(parts) + ".json"


def _document(definitions: Mapping[str, Schema], api_version: str, kind: str) -> Schema:
    name = _definition_of(definitions, api_version, kind)
    needed = sorted(_reachable(definitions, name))
    identity = {"apiVersion": {"const": api_version}, "kind": {"const": kind}}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "allOf": [{"$ref": _PREFIX + name}, {"properties": identity, "required": ["apiVersion", "kind", "metadata"]}],
        "definitions": {each: _strict(definitions[each]) for each in needed},
    }


def _definition_of(definitions: Mapping[str, Schema], api_version: str, kind: str) -> str:
    group, _, version = api_version.rpartition("/")
    wanted = {"group": group, "version": version, "kind": kind}
    (name,) = [
        name
        for name, definition in definitions.items()
        if definition.get("x-kubernetes-group-version-kind") == [wanted]
    ]
    return name


def _reachable(definitions: Mapping[str, Schema], start: str) -> set[str]:
    found, waiting = set[str](), [start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _references(definitions[name])
    return found


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].removeprefix(_PREFIX)
        for child in node.values():
            yield from _references(child)
    elif isinstance(node, list):
        for child in node:
            yield from _references(child)


def _strict(node: Schema) -> Schema:
    """Objects with fields have no others; what OpenAPI 2 calls a string may be a number where the API says so."""
    if node.get("format") == "int-or-string" or node.get("x-kubernetes-int-or-string"):
        return dict(_INT_OR_STRING)
    schema = {key: _inside(key, value) for key, value in node.items() if not key.startswith("x-kubernetes-")}
    if "properties" in node and not node.get("x-kubernetes-preserve-unknown-fields"):
        schema["additionalProperties"] = False
    return schema


def _inside(key: str, value: Any) -> Any:
    if key == "properties":
        return {name: _strict(field) for name, field in value.items()}
    if key in ("items", "additionalProperties") and isinstance(value, dict):
        return _strict(value)
    return value
