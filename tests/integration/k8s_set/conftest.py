# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The module on a real API server: every test has a set and namespaces of its own and leaves nothing behind."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.tests.integration.k8s_set.fault_proxy import FaultProxy
from ansible_collections.bunops.platform.tests.integration.k8s_set.kube_set import KubeSet
from ansible_collections.bunops.platform.tests.integration.k8s_wait.conftest import pushed


@pytest.fixture(scope="session")
def client(cluster: Any) -> Iterator[Client]:
    """A client of the cluster."""
    with Client.connect(Options(kubeconfig=str(cluster.kubeconfig))) as connected:
        yield connected


@pytest.fixture(scope="session")
def image(cluster: Any, engine: Any, busybox_image: str) -> str:
    """Reference of an image with a shell that the cluster can pull."""
    return pushed(engine, busybox_image, cluster.registry)


@pytest.fixture
def kube_set(client: Client, cluster: Any) -> Iterator[KubeSet]:
    """A set of objects in a namespace that is there already."""
    tested = KubeSet(client, str(cluster.kubeconfig), f"bunops-set-{secrets.token_hex(4)}")
    tested.create("v1", "Namespace", tested.namespace)
    yield tested
    tested.clean()


@pytest.fixture
def proxy(cluster: Any) -> Iterator[FaultProxy]:
    """A proxy in front of the cluster's API server."""
    between = FaultProxy(Path(cluster.kubeconfig))
    yield between
    between.stop()
