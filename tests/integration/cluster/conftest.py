# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A cluster of these tests' own, an image in its registry, and a namespace a test."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.cluster import Cluster
from ansible_collections.bunops.platform.tests.integration.cluster.kubectl import Namespace, namespace_in, pushed


@pytest.fixture(scope="session")
def own() -> Iterator[Cluster]:
    """A cluster that nobody else uses."""
    root = Path(tempfile.mkdtemp(prefix="bunops-cluster-"))
    with Cluster.start(root, audit=True) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def image(own: Cluster, engine: Any, busybox_image: str) -> str:
    """A tiny image in the cluster's registry, by digest."""
    return pushed(own, engine, busybox_image)


@pytest.fixture
def namespace(own: Cluster) -> Iterator[Namespace]:
    """A namespace with Pod Security `restricted`."""
    with namespace_in(own) as made:
        yield made
