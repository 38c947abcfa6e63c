"""The reference platform on the test cluster, deployed once by the playbook for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.e2e.kubernetes.deployment import Deployment
from ansible_collections.bunops.platform.tests.e2e.kubernetes.pages import ClusterPages


@pytest.fixture(scope="session")
def deployment(
    tmp_path_factory: pytest.TempPathFactory, autoscaling_cluster: Any, gateway_cluster: Any
) -> Iterator[Deployment]:
    directory, cluster = tmp_path_factory.mktemp("deployment"), autoscaling_cluster
    # It has both.
    assert cluster == gateway_cluster
    under_test = Deployment(directory, cluster.kubeconfig, cluster.registry, cluster.kubelet_dir / "seccomp")
    under_test.copy_project()
    # As engineers begin: with a look at what would happen, before anything is there.
    assert under_test.play("--check", "--diff").changed > 0
    assert under_test.client.get("v1", "Namespace", None, under_test.namespace) is None
    under_test.play()
    try:
        yield under_test
    finally:
        removed = under_test.remove()
        assert f"remove Deployment {under_test.namespace} api" in removed.output, removed.output
        assert under_test.client.get("v1", "Namespace", None, under_test.namespace) is None


@pytest.fixture(scope="session")
def pages(deployment: Deployment) -> Iterator[ClusterPages]:
    image = deployment.pods("api")[0]["spec"]["containers"][0]["image"]
    with ClusterPages(deployment.client, deployment.namespace, image) as running:
        yield running
