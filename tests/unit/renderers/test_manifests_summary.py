# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The table that a deploy ends with."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.filter.manifests_summary import manifests_summary

CATALOG: dict[str, Any] = {
    "name": "shop",
    "services": {
        "web": {
            "image": {"dockerfile": "Dockerfile", "context": "."},
            "port": 8080,
            "health": {"http": "/"},
            "uses": ["redis"],
        },
        "jobs": {"image": {"dockerfile": "Dockerfile", "context": "."}, "health": {"exec": ["true"]}},
    },
    "stores": {"redis": {"kind": "redis"}, "away": {"kind": "redis", "external": "rediss://redis.internal:6380"}},
}


def test_each_service_and_store_with_its_address_and_what_was_done() -> None:
    objects = [
        {"kind": "Deployment", "namespace": "prod", "name": "web", "action": "changed"},
        {"kind": "Deployment", "namespace": "prod", "name": "jobs", "action": "unchanged"},
        {"kind": "StatefulSet", "namespace": "prod", "name": "redis", "action": "created"},
        {"kind": "Service", "namespace": "prod", "name": "web", "action": "unchanged"},
    ]
    assert manifests_summary(CATALOG, objects, namespace="prod").splitlines() == [
        "SERVICE  ADDRESS                      THIS RUN",
        "web      http://web.prod.svc:8080     changed",
        "jobs                                  unchanged",
        "redis    redis://redis.prod.svc:6379  created",
    ]


@pytest.mark.parametrize("kind", ["Gateway", "Ingress"])
def test_the_address_for_clients_and_what_was_done_with_the_edge(kind: str) -> None:
    edge = {"host": "Shop.example.com", "tls": {"secret": "shop-tls"}, "class_name": "eg"}
    services = {**CATALOG["services"], "web": {**CATALOG["services"]["web"], "route": {"path": "/"}}}
    objects = [
        {"kind": "Deployment", "namespace": "prod", "name": "web", "action": "unchanged"},
        {"kind": kind, "namespace": "prod", "name": "edge", "action": "created"},
        {"kind": kind, "namespace": "prod", "name": "web", "action": "created"},
    ]
    lines = manifests_summary({**CATALOG, "services": services, "edge": edge}, objects, namespace="prod").splitlines()
    assert lines[1].split() == ["web", "http://web.prod.svc:8080", "unchanged"]
    assert lines[-1].split() == ["edge", "https://shop.example.com", "created"]
