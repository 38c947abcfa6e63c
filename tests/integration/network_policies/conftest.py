# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A cluster that enforces NetworkPolicies, with a pod for each part of the reference platform and some strangers."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.cluster import Cluster
from ansible_collections.bunops.platform.tests.cluster.fixture import enforcing_cluster
from ansible_collections.bunops.platform.tests.integration.network_policies.neighbours import Neighbours
from ansible_collections.bunops.platform.tests.integration.network_policies.probes import Probes
from ansible_collections.bunops.platform.tests.unit.renderers.cases import platform_of

__all__ = ["enforcing_cluster"]


@pytest.fixture(scope="module")
def image(enforcing_cluster: Cluster, engine: Any, busybox_image: str) -> str:
    """A tiny image in the cluster's registry."""
    repository, tag = f"{enforcing_cluster.registry}/busybox", secrets.token_hex(4)
    engine.images.get(busybox_image).tag(repository, tag)
    for answer in engine.images.push(repository, tag=tag, stream=True, decode=True):
        assert "error" not in answer, answer
    engine.images.remove(f"{repository}:{tag}")
    return f"{repository}:{tag}"


@pytest.fixture(scope="module")
def probes(enforcing_cluster: Cluster, image: str) -> Iterator[Probes]:
    """All pods run and listen, and nothing is forbidden yet."""
    probes = Probes(enforcing_cluster, platform_of("reference"))
    probes.start(image)
    with Neighbours(enforcing_cluster, probes.ports):
        yield probes
