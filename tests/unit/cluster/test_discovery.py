# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Which kinds there are, from what an API server tells about itself."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.discovery import Discovery, group_of
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import UnknownKind
from ansible_collections.bunops.platform.tests.unit.cluster.support import discovery


def group(name: str, **versions: list[dict[str, Any]]) -> dict[str, Any]:
    """A group with its versions, the preferred one first."""
    return {
        "metadata": {"name": name},
        "versions": [{"version": version, "resources": resources} for version, resources in versions.items()],
    }


def resource(name: str, kind: str, *verbs: str) -> dict[str, Any]:
    return {"resource": name, "responseKind": {"kind": kind}, "scope": "Namespaced", "verbs": list(verbs)}


def test_paths() -> None:
    known = discovery()
    assert known.resource("v1", "ConfigMap").path("a", "b") == "/api/v1/namespaces/a/configmaps/b"
    assert known.resource("apps/v1", "Deployment").path("a") == "/apis/apps/v1/namespaces/a/deployments"
    assert known.resource("v1", "Namespace").path("ignored", "b") == "/api/v1/namespaces/b"
    assert (
        known.resource("rbac.authorization.k8s.io/v1", "ClusterRole").path(None, "system:a/b").endswith("/system:a%2Fb")
    )


def test_groups() -> None:
    assert [group_of(version) for version in ("v1", "apps/v1")] == ["", "apps"]
    assert discovery().resource("apps/v1", "Deployment").group == "apps"


def test_the_first_version_is_the_preferred_one() -> None:
    preferred = discovery().preferred("autoscaling", "HorizontalPodAutoscaler")
    assert preferred
    assert preferred.api_version == "autoscaling/v2"
    assert discovery().preferred("autoscaling", "Other") is None
    assert discovery().versions_of("HorizontalPodAutoscaler") == ["autoscaling/v2", "autoscaling/v1"]


def test_of_two_resources_of_a_kind_the_one_that_can_be_applied_counts() -> None:
    two = group(
        "example.com", v1=[resource("reviews", "Thing", "create"), resource("things", "Thing", "patch", "list")]
    )
    assert discovery(two).resource("example.com/v1", "Thing").plural == "things"
    assert discovery(two).preferred("example.com", "Thing") == discovery(two).resource("example.com/v1", "Thing")


def test_resources_without_a_kind_are_left_out() -> None:
    odd = group("example.com", v1=[{"resource": "odd", "responseKind": None, "scope": "Cluster", "verbs": []}])
    assert not discovery(odd).serves("example.com/v1", "None")


def test_groups_that_cannot_be_listed() -> None:
    stale = group("metrics.example.com", v1=[])
    stale["versions"][0]["freshness"] = "Stale"
    known = Discovery([{"kind": "APIGroupDiscoveryList", "items": [stale]}])
    assert known.is_unreadable("metrics.example.com")
    assert not known.is_unreadable("example.com")
    with pytest.raises(UnknownKind, match=r"could not list the kinds of metrics\.example\.com/v1"):
        known.resource("metrics.example.com/v1", "Thing")
