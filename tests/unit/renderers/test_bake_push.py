# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Images named for a registry."""

from __future__ import annotations

import pytest

from ansible_collections.bunops.platform.plugins.plugin_utils.model.errors import CatalogError
from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.bake import bake
from ansible_collections.bunops.platform.tests.unit.renderers.cases import BUILD_HOST

CATALOG = {
    "name": "shop",
    "services": {"web": {"image": {"dockerfile": "Dockerfile", "context": "."}, "health": {"exec": ["true"]}}},
}


def test_tags_name_the_registry() -> None:
    platform = Platform.parse({**CATALOG, "registry": "127.0.0.1:5000/shop"})
    assert bake(platform, BUILD_HOST, tag="7")["target"]["web"]["tags"] == ["127.0.0.1:5000/shop/web:7"]
    assert bake(platform, BUILD_HOST)["target"]["web"]["tags"] == ["shop/web:local"]


def test_a_push_needs_a_registry() -> None:
    with pytest.raises(CatalogError, match=r"^platform\.registry: nothing, but images are to be pushed; expected"):
        bake(Platform.parse(CATALOG), BUILD_HOST, tag="7")
