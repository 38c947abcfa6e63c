# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""docs/catalog.md: every field of the catalog, and what each target does with it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from ..model.platform import Platform
from ..model.schema import Schema, json_schema, resolved
from .markdown import table

_HEAD = """\
# The catalog, field by field

<!-- Generated from the model by `make docs`; edits here are lost. -->

The variable `platform` describes the whole platform. Unknown keys are errors, and all errors are
told at once. An editor that knows YAML schemas completes and checks the file with
[platform.schema.json](platform.schema.json). Amounts are written as in Kubernetes (`256Mi`,
`1Gi`, CPU in cores), times as `30s`, `5m` or `1h30m`. Fields in **bold** are required.

The last three columns say what becomes of a field: in the Compose project, in the objects of Kubernetes, and
in the bake definition that builds the images. Where one of them cannot do what a field asks for, the
filter `compose_notes` or `manifests_notes` says so at every run, and why.
"""


def catalog_page() -> str:
    root = json_schema(Platform)
    paths: dict[str, list[str]] = {}
    nodes: dict[str, Schema] = {}
    for path, node in _places(root, root, "platform"):
        paths.setdefault(node["title"], []).append(path)
        nodes[node["title"]] = node
    lines = [_HEAD]
    for title, node in nodes.items():
        lines += _section(root, title, node, paths[title])
    return "\n".join(lines).rstrip() + "\n"


def _section(root: Schema, title: str, node: Schema, paths: list[str]) -> list[str]:
    required = node.get("required", [])
    rows = (
        (
            f"**`{name}`**" if name in required else f"`{name}`",
            _type(root, field),
            _default(field, name in required),
            _what(field),
            field.get("x-compose", ""),
            field.get("x-kubernetes", ""),
            field.get("x-bake", ""),
        )
        for name, field in node["properties"].items()
    )
    return [
        f"## {_words(title)}",
        "",
        f"{node['description']} At {', '.join(f'`{path}`' for path in dict.fromkeys(paths))}.",
        "",
        *table(("Field", "Type", "Default", "What it is", "Compose", "Kubernetes", "Bake"), rows),
        "",
    ]


def _words(title: str) -> str:
    """`BuiltImage` as `Built image`."""
    return re.sub(r"(?<=[a-z])[A-Z]", lambda letter: f" {letter[0].lower()}", title)


def _places(root: Schema, node: Schema, path: str) -> Iterator[tuple[str, Schema]]:
    """Every mapping with fields, from the outside in, with the path that leads to it."""
    yield path, node
    for name, field in node["properties"].items():
        for below, child in _mappings(root, field, f"{path}.{name}"):
            yield from _places(root, child, below)


def _mappings(root: Schema, node: Schema, path: str) -> Iterator[tuple[str, Schema]]:
    node = resolved(root, node)
    if "properties" in node:
        yield path, node
    for branch in [*node.get("oneOf", []), *node.get("anyOf", [])]:
        yield from _mappings(root, branch, path)
    if isinstance(node.get("additionalProperties"), dict):
        yield from _mappings(root, node["additionalProperties"], f"{path}.<name>")


def _type(root: Schema, field: Schema) -> str:
    node = resolved(root, field)
    if "x-type" in node:
        return str(node["x-type"])
    if "enum" in node or "const" in node:
        return " or ".join(f"`{choice}`" for choice in node.get("enum", [node.get("const")]))
    branches = [*node.get("oneOf", []), *node.get("anyOf", [])]
    if branches:
        kinds = [_type(root, branch) for branch in branches if branch.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "items" in node:
        return f"list of {_type(root, node['items'])}s"
    return "mapping"


def _default(field: Schema, required: bool) -> str:
    if required:
        return ""
    default = field.get("default")
    if default is None or default in ({}, []):
        return "none"
    return "see below" if isinstance(default, dict) else f"`{_yaml(default)}`"


def _what(field: Schema) -> str:
    examples = field.get("examples", [])
    shown = ", ".join(f"`{_yaml(example)}`" for example in examples)
    return str(field["description"]) + (f"; such as {shown}" if shown else "")


def _yaml(value: object) -> str:
    """A value in YAML's flow style."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_yaml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_yaml(item) for item in value) + "]"
    return value if isinstance(value, str) else json.dumps(value)
