# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The table that a deploy ends with."""

from __future__ import annotations

from ansible_collections.bunops.platform.plugins.filter.manifests_summary import manifests_summary

CATALOG = {
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
        "SERVICE  ADDRESS IN THE CLUSTER       THIS RUN",
        "web      http://web.prod.svc:8080     changed",
        "jobs                                  unchanged",
        "redis    redis://redis.prod.svc:6379  created",
    ]
