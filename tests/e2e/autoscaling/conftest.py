# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The test cluster with KEDA, and in it a site for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.cluster.fixture import autoscaling_cluster, cluster
from ansible_collections.bunops.platform.tests.e2e.autoscaling import programs, prometheus
from ansible_collections.bunops.platform.tests.e2e.autoscaling.site import Site
from ansible_collections.bunops.platform.tests.integration.cluster.kubectl import namespace_in
from ansible_collections.bunops.platform.tests.integration.conftest import busybox_image, engine
from ansible_collections.bunops.platform.tests.integration.k8s_wait.conftest import pushed
from ansible_collections.bunops.platform.tests.integration.queue_meter.conftest import images

__all__ = ["autoscaling_cluster", "busybox_image", "cluster", "engine", "images"]


@pytest.fixture(scope="session")
def bullmq(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with BullMQ, what adds jobs, and the worker as one file, worker.js."""
    folder = tmp_path_factory.mktemp("bullmq") / "jobs"
    programs.install(folder)
    return folder


@pytest.fixture(scope="session")
def pushed_images(autoscaling_cluster: Any, engine: Any, images: dict[str, str]) -> dict[str, str]:
    """The images, in the cluster's registry."""
    return {name: pushed(engine, image, autoscaling_cluster.registry, name) for name, image in images.items()}


@pytest.fixture(scope="session")
def prometheus_image(engine: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """prometheus.Dockerfile, built."""
    with prometheus.image(engine, tmp_path_factory.mktemp("prometheus")) as tag:
        yield tag


@pytest.fixture(scope="session")
def pushed_prometheus(autoscaling_cluster: Any, engine: Any, prometheus_image: str) -> str:
    """The same in the cluster's registry."""
    return pushed(engine, prometheus_image, autoscaling_cluster.registry, "prometheus")


@pytest.fixture
def site(autoscaling_cluster: Any, pushed_images: dict[str, str], bullmq: Path) -> Iterator[Site]:
    with namespace_in(autoscaling_cluster) as namespace:
        made = Site(namespace, autoscaling_cluster.kubeconfig, pushed_images, bullmq / "worker.js")
        made.start()
        yield made


@pytest.fixture
def jobs(site: Site, bullmq: Path) -> Callable[..., None]:
    """Does steps on the site's queue; tests/integration/queue_meter/jobs/jobs.js tells which there are."""

    def do(*steps: list[Any]) -> None:
        programs.do(bullmq, site, *steps)

    return do
