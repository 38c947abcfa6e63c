# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Catalogs for tests: one without a fault, and patches of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Only:
    """A value that takes the place of another as a whole: `!only`."""

    value: Any


class Remove:
    """Takes a key out: `!remove`."""


class Loader(yaml.SafeLoader):
    """YAML 1.1 as Ansible reads it, with the tags of patches."""


def _only(loader: Loader, node: yaml.Node) -> Only:
    if isinstance(node, yaml.MappingNode):
        return Only(loader.construct_mapping(node, deep=True))
    if isinstance(node, yaml.SequenceNode):
        return Only(loader.construct_sequence(node, deep=True))
    return Only(yaml.safe_load(node.value))


Loader.add_constructor("!only", _only)
Loader.add_constructor("!remove", lambda _loader, _node: Remove())


def load(path: Path) -> dict[str, Any]:
    """The YAML of a file of these tests."""
    content: dict[str, Any] = yaml.load(path.read_text(), Loader)
    return content


def good() -> dict[str, Any]:
    """A new copy of the catalog without a fault."""
    return load(HERE / "good.yml")


def all_sources() -> dict[str, Any]:
    """A new copy of a catalog that says everything that can be said of secrets."""
    return load(HERE.parent / "renderers/golden/secrets/platform.yml")


def patched(base: Any, patch: Any) -> Any:
    """`base` with the patch in it: mappings are merged, everything else is replaced."""
    if isinstance(patch, Only):
        return patch.value
    if not isinstance(base, Mapping) or not isinstance(patch, Mapping):
        return patched({}, patch) if isinstance(patch, Mapping) else patch
    merged = dict(base)
    for key, value in patch.items():
        if isinstance(value, Remove):
            merged.pop(key)
        else:
            merged[key] = patched(base.get(key), value)
    return merged
