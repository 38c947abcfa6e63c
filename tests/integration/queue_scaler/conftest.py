# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Fixtures for scalers on a real cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.tests.integration.k8s_wait.conftest import pushed
from ansible_collections.bunops.platform.tests.integration.queue_scaler.stage import Stage


@pytest.fixture(scope="session")
def admin(autoscaling_cluster: Any) -> Iterator[Client]:
    """A client that may do everything, of the cluster with KEDA."""
    with Client.connect(Options(kubeconfig=str(autoscaling_cluster.kubeconfig))) as connected:
        yield connected


@pytest.fixture(scope="session")
def image(autoscaling_cluster: Any, engine: Any, busybox_image: str) -> str:
    """Reference of an image with a shell that the cluster can pull."""
    return pushed(engine, busybox_image, autoscaling_cluster.registry)


@pytest.fixture
def stage(autoscaling_cluster: Any, admin: Client, image: str) -> Iterator[Stage]:
    """A namespace of the test's own, in the cluster with KEDA."""
    made = Stage(autoscaling_cluster, admin, image)
    try:
        yield made
    finally:
        made.close()
