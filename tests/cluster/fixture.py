# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The pytest fixtures: import them in a conftest.py."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.tests.cluster import autoscaling, gateway
from ansible_collections.bunops.platform.tests.cluster.cluster import Cluster
from ansible_collections.bunops.platform.tests.cluster.layout import default_root


@dataclass(frozen=True)
class ClusterUnderTest:
    """A cluster that tests may use: one of this machine's, or a foreign one of which only the kubeconfig is known."""

    kubeconfig: Path
    registry: str | None = None
    kubelet_dir: Path | None = None
    host_address: str | None = None
    audit_log: Path | None = None
    kubectl: Path | None = None


@pytest.fixture(scope="session")
def cluster() -> Iterator[ClusterUnderTest]:
    """The cluster of BUNOPS_TEST_KUBECONFIG; with BUNOPS_TEST_CLUSTER=reuse the one of `up`; else a new one."""
    foreign = os.environ.get("BUNOPS_TEST_KUBECONFIG")
    if foreign:
        yield ClusterUnderTest(Path(foreign))
    elif os.environ.get("BUNOPS_TEST_CLUSTER") == "reuse":
        running = Cluster.running(default_root())
        assert running, f"BUNOPS_TEST_CLUSTER=reuse, but no cluster runs below {default_root()}; `up` starts one"
        yield _of(running)
    else:
        with Cluster.start(_new_root(), audit=True) as own:
            yield _of(own)


@pytest.fixture(scope="session")
def autoscaling_cluster(cluster: ClusterUnderTest) -> ClusterUnderTest:
    """The same cluster, with KEDA and metrics-server in it; a foreign one has to have them."""
    if not os.environ.get("BUNOPS_TEST_KUBECONFIG"):
        autoscaling.install(cluster.kubeconfig)
    return cluster


@pytest.fixture(scope="session")
def gateway_cluster(cluster: ClusterUnderTest) -> ClusterUnderTest:
    """The same cluster, with Envoy Gateway in it and its GatewayClass `eg`; a foreign one has to have them."""
    if not os.environ.get("BUNOPS_TEST_KUBECONFIG"):
        gateway.install(cluster.kubeconfig)
    return cluster


@pytest.fixture(scope="module")
def plain_cluster() -> Iterator[Cluster]:
    """A cluster of its own for one file of tests, without KEDA."""
    with Cluster.start(_new_root()) as own:
        yield own


@pytest.fixture(scope="module")
def enforcing_cluster() -> Iterator[Cluster]:
    """A cluster of its own for one file of tests, in which NetworkPolicies are enforced."""
    with Cluster.start(_new_root(), enforce=True) as own:
        yield own


def _new_root() -> Path:
    # Not pytest's folders: the path of a socket may have 104 characters only.
    return Path(tempfile.mkdtemp(prefix="bunops-cluster-"))


def _of(running: Cluster) -> ClusterUnderTest:
    return ClusterUnderTest(
        kubeconfig=running.kubeconfig,
        registry=running.registry,
        kubelet_dir=running.kubelet_dir,
        host_address=running.host_address,
        audit_log=running.audit_log if running.audit_log.exists() else None,
        kubectl=running.kubectl,
    )
