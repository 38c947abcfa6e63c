# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Images named for a registry."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.plugin_utils.model.errors import CatalogError
from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.bake import bake
from ansible_collections.bunops.platform.tests.unit.renderers.cases import BUILD_HOST

CATALOG: dict[str, Any] = {
    "name": "shop",
    "services": {"web": {"image": {"dockerfile": "Dockerfile", "context": "."}, "health": {"exec": ["true"]}}},
}


def test_tags_name_the_registry() -> None:
    platform = Platform.parse({**CATALOG, "registry": "127.0.0.1:5000/shop"})
    assert bake(platform, BUILD_HOST, tag="7")["target"]["web"]["tags"] == ["127.0.0.1:5000/shop/web:7"]
    assert bake(platform, BUILD_HOST)["target"]["web"]["tags"] == ["shop/web:local"]


QUEUE = {"store": "jobs", "name": "mail"}


@pytest.mark.parametrize(
    ("replicas", "tag", "built"),
    [
        ({"max": 3, "queue": QUEUE}, "7", True),
        ({"max": 3, "queue": QUEUE}, None, False),
        ({"min": 3, "max": 3, "queue": QUEUE}, "7", False),
        ({"max": 3, "cpu_percent": 70}, "7", False),
        (3, "7", False),
    ],
)
def test_the_queue_meter_is_built_where_a_cluster_runs_it(replicas: object, tag: str | None, built: bool) -> None:
    service = {**CATALOG["services"]["web"], "uses": ["jobs"], "replicas": replicas}
    stores = {"jobs": {"kind": "redis", "external": "redis://redis.internal"}}
    raw = {**CATALOG, "registry": "127.0.0.1:5000/shop", "services": {"web": service}, "stores": stores}
    targets = bake(Platform.parse(raw), BUILD_HOST, tag)["target"]
    assert ("queue-meter" in targets) == built
    if built:
        meter = targets["queue-meter"]
        assert meter["tags"] == ["127.0.0.1:5000/shop/queue-meter:7"]
        assert (meter["context"], meter["dockerfile"]) == (
            "/srv/project/docker",
            "/srv/project/docker/queue-meter.Dockerfile",
        )


def test_a_push_needs_a_registry() -> None:
    with pytest.raises(CatalogError, match=r"^platform\.registry: nothing, but images are to be pushed; expected"):
        bake(Platform.parse(CATALOG), BUILD_HOST, tag="7")
