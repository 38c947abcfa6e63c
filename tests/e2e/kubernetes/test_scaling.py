# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A number of replicas in the catalog becomes a range, and a number again."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from ansible_collections.bunops.platform.tests.e2e.kubernetes.deployment import Deployment
from ansible_collections.bunops.platform.tests.e2e.kubernetes.pages import ClusterPages
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import eventually

SCALED = ("api", "worker")


def test_a_range_is_scaled_and_a_number_is_not(deployment: Deployment, pages: ClusterPages) -> None:
    services = deployment.patch["services"]
    numbers = {name: services[name].pop("replicas") for name in SCALED}
    assert numbers == {name: replicas(deployment, name) for name in SCALED} == {"api": 2, "worker": 1}
    try:
        with numbers_seen(deployment) as seen:
            assert deployment.play().changed > 0
        # Without jobs no worker is needed.
        assert seen - {("worker", 0)} == {("api", 2), ("worker", 1)}
        assert scaled_objects(deployment) == set(SCALED)
        again = deployment.play("--diff")
        assert again.changed == 0, again.output
        foreseen = deployment.play("--check", "--diff")
        assert foreseen.changed == 0, foreseen.output

        eventually(lambda: replicas(deployment, "worker") == 0 or None, 120)
        # Nobody runs who could take it: KEDA sees it, by the queue meter.
        job = deployment.ended_job(pages.url("/hello"))
        assert (job["status"], job["title"]) == ("done", "Page /hello"), job
    finally:
        for name, number in numbers.items():
            services[name]["replicas"] = number
        deployment.play()
    assert {name: replicas(deployment, name) for name in SCALED} == numbers
    assert scaled_objects(deployment) == set()
    members = deployment.keys()
    assert "queue-meter" not in {name for _kind, _namespace, name in members}
    assert deployment.play().changed == 0


def scaled_objects(deployment: Deployment) -> set[str]:
    """The names of what KEDA scales."""
    return {item["metadata"]["name"] for item in deployment.items("keda.sh/v1alpha1", "ScaledObject")}


def replicas(deployment: Deployment, name: str) -> int:
    """How many a service is told to have."""
    found = deployment.client.get("apps/v1", "Deployment", deployment.namespace, name)
    assert found, name
    return int(found["spec"]["replicas"])


@contextlib.contextmanager
def numbers_seen(deployment: Deployment) -> Iterator[set[tuple[str, int]]]:
    """All numbers that the services are told to have meanwhile."""
    seen: set[tuple[str, int]] = set()
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.05):
            seen.update((name, replicas(deployment, name)) for name in SCALED)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        done.set()
        looking.join()
