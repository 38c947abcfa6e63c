# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Real jobs, real pods, without KEDA: an HPA follows the queue by what Prometheus and its adapter make of the meter."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.cluster import Cluster, metrics_adapter
from ansible_collections.bunops.platform.tests.e2e.autoscaling import documented, programs
from ansible_collections.bunops.platform.tests.e2e.autoscaling.prometheus import Prometheus
from ansible_collections.bunops.platform.tests.e2e.autoscaling.site import QUEUE, Site
from ansible_collections.bunops.platform.tests.integration.cluster.kubectl import namespace_in
from ansible_collections.bunops.platform.tests.integration.k8s_wait.conftest import pushed
from ansible_collections.bunops.platform.tests.integration.run_module import Module

METRIC = {"name": "queue_demand", "selector": {"store": "redis", "queue": QUEUE}}
OPTIONS: dict[str, Any] = {"metric": METRIC, "min_replicas": 1, "longest_job": 5}
WHY = "KEDA is not in the cluster; external.metrics.k8s.io is served by kube-system/prometheus-adapter"


@pytest.fixture(scope="module")
def plain_site(
    plain_cluster: Cluster, engine: Any, images: dict[str, str], prometheus_image: str, bullmq: Path
) -> Iterator[Site]:
    """A site with a worker, whose meter's metrics the cluster serves."""
    named = {**images, "prometheus": prometheus_image}
    inside = {name: pushed(engine, image, plain_cluster.registry, name) for name, image in named.items()}
    with namespace_in(plain_cluster) as namespace:
        site = Site(namespace, plain_cluster.kubeconfig, inside, bullmq / "worker.js")
        site.start()
        prometheus = Prometheus(namespace, inside["prometheus"])
        prometheus.start(documented.scraped("queue-meter", namespace.name))
        site.deploy_worker(1, job_ms=2_000)
        rules = documented.external_rules(namespace.name)
        metrics_adapter.install(plain_cluster.kubeconfig, prometheus.url, rules)
        metrics = f"/apis/external.metrics.k8s.io/v1beta1/namespaces/{namespace.name}/{METRIC['name']}"
        site.until(lambda: '"items":[{' in namespace.kubectl.attempt("get", "--raw", metrics).stdout)
        site.until(lambda: site.replicas() == 1)
        yield site


def refused(site: Site, **metric: Any) -> str:
    """What is said of a metric that is not there."""
    (problem,) = Module("queue_scaler").failing(**site.scaler(**{**OPTIONS, "metric": {**METRIC, **metric}}))[
        "problems"
    ]
    assert site.namespace.run("get", "hpa", "--output=name") == ""
    return str(problem)


def test_what_the_adapter_does_not_have_is_refused(plain_site: Site) -> None:
    none = refused(plain_site, selector={"store": "redis", "queue": "fetsch"})
    assert none == "metric: external.metrics.k8s.io has no value of queue_demand"
    unknown = refused(plain_site, name="queue_demands")
    assert unknown.startswith("metric: external.metrics.k8s.io refuses queue_demands: ")


def test_from_one_to_ten_and_back(plain_site: Site, bullmq: Path) -> None:
    site = plain_site
    made = site.scale(**OPTIONS)
    assert (made["scaler"]["backend"], made["scaler"]["why"]) == ("hpa", WHY)
    now = made["would_do_now"]
    assert (now["demand"], now["current_replicas"], now["wanted_replicas"]) == (0, 1, 1)
    started = time.monotonic()
    programs.do(bullmq, site, ["add", 1000])
    # It looks every 15 s.
    site.until(lambda: site.replicas() == 10, 90)
    taken = time.monotonic() - started
    again = site.scale(**OPTIONS)
    assert (again["changed"], again["would_do_now"]["wanted_replicas"]) == (False, 10)
    site.until(lambda: site.counts()[2] == 1000, 120)
    back = site.until(lambda: site.replicas("status.replicas") == 1, 90)
    assert site.counts() == (1000, 1, 1000)
    print(f"1 to 10 ready in {taken:.1f} s, back to 1 in {back:.1f} s")
