# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Real requests, real Prometheus: KEDA follows the requests per second."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.e2e.autoscaling.api import Api
from ansible_collections.bunops.platform.tests.integration.cluster.kubectl import namespace_in

# Half way between what calls for two replicas and what calls for four.
PER_SECOND, PER_REPLICA, WANTED = 50, 20, 3
RATE = 'rate(http_requests_total{job="api"}[10s])'
UNMEASURED = "CPU or the request rate decide, which are not measured here"


@pytest.fixture
def api(autoscaling_cluster: Any, pushed_images: dict[str, str], pushed_prometheus: str) -> Iterator[Api]:
    with namespace_in(autoscaling_cluster) as namespace:
        made = Api(namespace, autoscaling_cluster.kubeconfig, {**pushed_images, "prometheus": pushed_prometheus})
        made.start()
        yield made


def test_an_api_follows_its_requests_and_goes_back(api: Api) -> None:
    def is_steady() -> bool:
        rate = api.prometheus.value(f"sum({RATE})")
        return rate is not None and 2 * PER_REPLICA < rate < 3 * PER_REPLICA

    rate = {"per_replica": PER_REPLICA, "address": api.prometheus.url, "query": f"sum({RATE})"}
    # Longer than the window, and than the 15 s between two looks of the HPA.
    options = {"requests_per_second": rate, "max_replicas": 4, "down": {"stabilization": 20}}
    with api.requests(PER_SECOND):
        api.until(is_steady)
        made = api.scale(**options)
        assert made["scaler"]["backend"] == "keda"
        now = {"depth": None, "demand": None, "current_replicas": 1, "wanted_replicas": None, "why": UNMEASURED}
        assert made["would_do_now"] == now
        taken = api.until(lambda: api.replicas("status.readyReplicas") == WANTED, 90)
        # Those of all pods count, not only of the one that a scrape happens to meet.
        api.until(lambda: api.prometheus.value(f"count({RATE} > 0)") == WANTED)
        api.until(is_steady)
        assert api.replicas("spec.replicas") == WANTED
        assert not api.scale(**options)["changed"]
    back = api.until(lambda: api.replicas("status.replicas") == 1, 90)
    print(f"1 to {WANTED} ready in {taken:.1f} s, back to 1 in {back:.1f} s")
