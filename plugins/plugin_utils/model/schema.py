# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The JSON Schema of the catalog, and what it says about one place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from .entry import Entry
from .quantities import Cpu, Duration, Memory

Schema = dict[str, Any]
Fields = Mapping[str, Schema]

_DEFS = "#/$defs/"


class _Generator(GenerateJsonSchema):
    def encode_default(self, dft: object) -> object:
        """Defaults as the catalog would write them."""
        if isinstance(dft, (Cpu, Memory, Duration)):
            return dft.plain()
        if isinstance(dft, Entry):
            return dft.model_dump(mode="json", exclude_none=True)
        return super().encode_default(dft)


@lru_cache(maxsize=4)
def json_schema(model: type[BaseModel]) -> Schema:
    """JSON Schema (2020-12) of a model, with descriptions, examples and defaults."""
    schema: Schema = _tidy(model.model_json_schema(schema_generator=_Generator))
    return schema


def fields_at(model: type[BaseModel], keys: Sequence[str]) -> Fields:
    """The fields of the mapping at this place, of all its variants together."""
    root = json_schema(model)
    nodes = list(_variants(root, root))
    for key in keys:
        nodes = [variant for node in nodes for child in _children(node, key) for variant in _variants(root, child)]
    found: dict[str, Schema] = {}
    for node in nodes:
        for name, child in node.get("properties", {}).items():
            found.setdefault(name, child)
    return found


def resolved(root: Schema, node: Schema) -> Schema:
    """The schema that a reference names, or the schema itself."""
    ref = node.get("$ref", "")
    definition: Schema = root["$defs"][ref.removeprefix(_DEFS)] if ref else node
    return definition


def _variants(root: Schema, node: Schema) -> Iterator[Schema]:
    node = resolved(root, node)
    branches: Iterable[Schema] = [*node.get("oneOf", []), *node.get("anyOf", [])]
    yield node
    for branch in branches:
        yield from _variants(root, branch)


def _children(node: Schema, key: str) -> Iterator[Schema]:
    if key in node.get("properties", {}):
        yield node["properties"][key]
    elif isinstance(node.get("additionalProperties"), dict):
        yield node["additionalProperties"]
    elif "items" in node:
        yield node["items"]


def _tidy(node: Any) -> Any:
    """Without pydantic's titles of fields; names of a mapping's keys are binding.

    pydantic writes a mapping as patternProperties, which lets other keys pass unchecked.
    """
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    tidy = {key: _tidy(item) for key, item in node.items()}
    if "patternProperties" in tidy:
        ((pattern, values),) = tidy.pop("patternProperties").items()
        tidy["propertyNames"] = {"pattern": pattern}
        tidy["additionalProperties"] = values
    if "properties" in tidy:
        for child in tidy["properties"].values():
            child.pop("title", None)
    return tidy
