# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The inventories that come with the collection: good catalogs, which say only what differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.bunops.platform.plugins.plugin_utils.merge_patch import merge_patch
from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.cluster import Cluster
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.render import manifests
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.meter import with_meter

INVENTORIES = Path(__file__).parents[2] / "inventories"


def variables(environment: str, file: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((INVENTORIES / environment / "group_vars/all" / file).read_text())
    return loaded


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_the_patched_catalog_can_be_deployed(environment: str) -> None:
    base = variables(environment, "catalog.yml")["platform"]
    assert base == variables("local", "platform.yml")["platform"]
    patched = Platform.parse(merge_patch(base, variables(environment, "platform.yml")["platform_patch"]))
    digest = "@sha256:" + "0" * 64
    built = (*with_meter(patched).services, *patched.tasks, *patched.stores)
    images = {name: f"{patched.registry}/{name}{digest}" for name in built}
    assert manifests(patched, Cluster(namespace=patched.name, images=images))


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_an_environment_names_its_registry_and_its_context(environment: str) -> None:
    settings = variables(environment, "platform.yml")
    assert settings["platform_patch"]["registry"]
    assert settings["k8s_platform_context"]


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_it_says_nothing_twice(environment: str) -> None:
    base = Platform.parse(variables("local", "platform.yml")["platform"]).normalised()
    for path, value in leaves(variables(environment, "platform.yml")["platform_patch"]):
        assert at(base, path) != value, path


def leaves(patch: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    if not isinstance(patch, dict):
        return [(path, patch)]
    return [leaf for key, value in patch.items() for leaf in leaves(value, (*path, key))]


def at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value
