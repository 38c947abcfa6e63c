"""The reference platform to be developed on the test cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.tests.cluster.fixture import ClusterUnderTest
from ansible_collections.bunops.platform.tests.e2e.develop_cluster.site import NAME, Site
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import ROOT


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory, cluster: ClusterUnderTest) -> Iterator[Site]:
    """Afterwards nothing of it is on the cluster, and nothing that only the cluster needs on this machine."""
    under_test = Site(tmp_path_factory.mktemp("develop-cluster"), cluster)
    under_test.copy_project()
    try:
        yield under_test
    finally:
        under_test.run(
            ROOT / "playbooks/remove.yml", k8s_platform_volumes=True, k8s_platform_context=under_test.context
        )
        under_test.remove_pushed()
        assert under_test.client.get("v1", "Namespace", None, NAME) is None


@pytest.fixture(scope="package")
def objects_playbook() -> Path:
    return Path(__file__).parent / "objects.yml"
