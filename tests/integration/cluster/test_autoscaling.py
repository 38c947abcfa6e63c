# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""KEDA scales by what it is told from outside, metrics-server serves what pods use, and both go with the cluster."""

from __future__ import annotations

import http.server
import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.cluster import Cluster, autoscaling, state
from ansible_collections.bunops.platform.tests.cluster.layout import PAUSE_IMAGE
from ansible_collections.bunops.platform.tests.integration.cluster import traces
from ansible_collections.bunops.platform.tests.integration.cluster.kubectl import (
    LIMIT,
    Kubectl,
    Namespace,
    namespace_in,
    pod,
    pod_spec,
    pushed,
)


@pytest.fixture(scope="module")
def scaling() -> Iterator[Cluster]:
    """A cluster with both, of which nothing is left afterwards."""
    with Cluster.start(Path(tempfile.mkdtemp(prefix="bunops-cluster-")), autoscaling=True) as cluster:
        known = state.of_root(cluster.kubeconfig.parent)
        yield cluster
    assert known is not None
    assert traces.of(known) == {}


@pytest.fixture
def namespace(scaling: Cluster) -> Iterator[Namespace]:
    with namespace_in(scaling) as made:
        yield made


class Depth(http.server.BaseHTTPRequestHandler):
    """Says how much there is to do."""

    value = 0

    def do_GET(self) -> None:
        content = json.dumps({"depth": Depth.value}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def address(scaling: Cluster) -> Iterator[str]:
    """Where pods ask for the depth."""
    server = http.server.ThreadingHTTPServer((scaling.host_address, 0), Depth)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{scaling.host_address}:{server.server_port}/"
    server.shutdown()
    server.server_close()


def deployment(name: str) -> dict[str, Any]:
    """One without pods, whose program does nothing."""
    spec = pod_spec(PAUSE_IMAGE, "/pause", imagePullPolicy="Never")
    template = {"metadata": {"labels": {"app": name}}, "spec": spec}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"replicas": 0, "selector": {"matchLabels": {"app": name}}, "template": template},
    }


def scaled_object(target: str, address: str) -> dict[str, Any]:
    """One pod for each piece of work, three at most."""
    asked = {"url": address, "valueLocation": "depth", "targetValue": "1"}
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {"name": target},
        "spec": {
            "scaleTargetRef": {"name": target},
            "pollingInterval": 1,
            "cooldownPeriod": 1,
            "minReplicaCount": 0,
            "maxReplicaCount": 3,
            "triggers": [{"type": "metrics-api", "metadata": asked}],
        },
    }


def cores(quantity: str) -> float:
    """Of a quantity of processor time, such as "250m"."""
    unit = quantity.lstrip("0123456789")
    return int(quantity.removesuffix(unit)) * {"": 1, "m": 1e-3, "u": 1e-6, "n": 1e-9}[unit]


def until(holds: Callable[[], bool], explain: Callable[[], str], limit: float = LIMIT) -> None:
    end = time.monotonic() + limit
    while not holds():
        assert time.monotonic() < end, explain()
        time.sleep(0.2)


def test_a_deployment_follows_its_trigger_from_zero_and_back(namespace: Namespace, address: str) -> None:
    """To one pod it is KEDA's operator that scales, beyond it the HPA with the metric that KEDA's adapter serves."""

    def ready(wanted: str) -> Callable[[], bool]:
        return lambda: (
            namespace.run("get", "deployment", "worker", "--output=jsonpath={.status.readyReplicas}") == wanted
        )

    def explained() -> str:
        return namespace.run("describe", "scaledobject,hpa,deployment")

    Depth.value = 0
    namespace.apply(deployment("worker"), scaled_object("worker", address))
    namespace.wait("scaledobject", "worker", "condition=Ready")
    assert ready("")(), "nothing is to be done"
    Depth.value = 1
    until(ready("1"), explained)
    Depth.value = 7
    until(ready("3"), explained)
    Depth.value = 0
    until(ready(""), explained)


def test_what_a_busy_pod_uses_is_known(scaling: Cluster, namespace: Namespace, engine: Any, busybox_image: str) -> None:
    limits = {"requests": {"cpu": "200m"}, "limits": {"cpu": "200m", "memory": "32Mi"}}
    image = pushed(scaling, engine, busybox_image)
    namespace.apply(
        pod("busy", image, "sh", "-c", "while :; do :; done", resources=limits),
        pod("idle", image, "sleep", "600", resources=limits),
    )
    path = f"/apis/metrics.k8s.io/v1beta1/namespaces/{namespace.name}/pods"

    def used() -> dict[str, float]:
        items = json.loads(namespace.run("get", "--raw", path))["items"]
        return {item["metadata"]["name"]: cores(item["containers"][0]["usage"]["cpu"]) for item in items}

    until(lambda: used().keys() == {"busy", "idle"}, lambda: namespace.run("describe", "pods"))
    assert 0.05 < used()["busy"] < 0.3, "it may use 0.2"
    assert used()["idle"] < 0.02
    assert "busy" in namespace.run("top", "pods")


def test_a_second_installation_finds_nothing_to_do(scaling: Cluster) -> None:
    pods = ("get", "pods", "--all-namespaces", "--output=name")
    before = Kubectl(scaling).run(*pods)
    start = time.monotonic()
    autoscaling.install(scaling.kubeconfig)
    assert time.monotonic() - start < 5
    assert Kubectl(scaling).run(*pods) == before


def test_no_container_was_started_twice(scaling: Cluster) -> None:
    """KEDA's certificate is there before its programs are, which else end and wait for it."""
    restarts = "--output=jsonpath={.items[*].status.containerStatuses[*].restartCount}"
    assert Kubectl(scaling).run("get", "pods", "--namespace=keda", restarts) == "0 0"
