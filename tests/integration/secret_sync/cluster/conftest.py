# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Fixtures for secrets in a namespace of a real cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.tests.integration.k8s_wait.conftest import pushed
from ansible_collections.bunops.platform.tests.integration.secret_sync.cluster.space import Space


@pytest.fixture(scope="session")
def admin(cluster: Any) -> Iterator[Client]:
    """A client that may do everything; what is under test never uses it."""
    with Client.connect(Options(kubeconfig=str(cluster.kubeconfig))) as connected:
        yield connected


@pytest.fixture(scope="session")
def image(cluster: Any, engine: Any, busybox_image: str) -> str:
    """Reference of an image with a shell that the cluster can pull."""
    return pushed(engine, busybox_image, cluster.registry)


@pytest.fixture
def space(cluster: Any, admin: Client) -> Iterator[Space]:
    """A namespace of the test's own."""
    made = Space(cluster, admin)
    try:
        yield made
    finally:
        made.close()
