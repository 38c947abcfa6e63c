# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A cluster without KEDA, first without and then with an adapter for metrics."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.tests.cluster import Cluster
from ansible_collections.bunops.platform.tests.integration.k8s_wait.conftest import pushed
from ansible_collections.bunops.platform.tests.integration.queue_scaler import metrics_api
from ansible_collections.bunops.platform.tests.integration.queue_scaler.stage import AUTOSCALER, Stage, eventually

METRIC = {"metric": {"name": "jobs", "selector": {"queue": "fetch"}}}


@pytest.fixture(scope="module")
def plain_admin(plain_cluster: Cluster) -> Iterator[Client]:
    with Client.connect(Options(kubeconfig=str(plain_cluster.kubeconfig))) as connected:
        yield connected


@pytest.fixture(scope="module")
def plain_image(plain_cluster: Cluster, engine: Any, busybox_image: str) -> str:
    return pushed(engine, busybox_image, plain_cluster.registry)


@pytest.fixture
def stage(plain_cluster: Cluster, plain_admin: Client, plain_image: str) -> Iterator[Stage]:
    made = Stage(plain_cluster, plain_admin, plain_image)
    try:
        yield made
    finally:
        made.close()


def problems(stage: Stage, **options: Any) -> list[str]:
    """What both modes say; nothing is another one afterwards."""
    before = stage.everything()
    found, foreseen = stage.failing(**options), stage.failing(check=True, **options)
    assert stage.everything() == before
    assert found["problems"] == foreseen["problems"]
    return [text.replace(stage.name, "atlas") for text in found["problems"]]


def test_a_missing_kind_and_nobody_who_serves_metrics(stage: Stage) -> None:
    stage.apply(stage.worker(2))
    no_keda = "the API server serves no kind ScaledObject in keda.sh/v1alpha1"
    no_adapter, expected = "nobody serves external.metrics.k8s.io", "expected KEDA, or an adapter that serves metrics"
    assert problems(stage, backend="keda") == [f"backend: keda, but {no_keda}; expected KEDA in the cluster"]
    assert problems(stage) == [f"backend: auto, but {no_keda}, and {no_adapter}; {expected} to HPAs"]
    assert problems(stage, backend="hpa", **METRIC) == [f"backend: hpa, but {no_adapter}; {expected} to HPAs"]
    by_cpu = {"queue": None, "jobs_per_replica": None, "cpu_percent": 50}
    stage.apply(stage.worker(2, cpu="1m"))
    assert problems(stage, **by_cpu) == [
        "cpu_percent: nobody serves metrics.k8s.io, which says how much is used; expected metrics-server"
    ]
    assert not stage.ok(state="absent")["changed"]


def test_an_hpa_scales_by_what_the_adapter_says(
    stage: Stage, plain_cluster: Cluster, plain_admin: Client, tmp_path: Path
) -> None:
    stage.apply(stage.worker(1))
    with metrics_api.serving(plain_admin, str(plain_cluster.host_address), tmp_path) as adapter:
        (missing,) = problems(stage, **METRIC)
        assert missing.startswith("metric: external.metrics.k8s.io refuses jobs: ")
        adapter.value(stage.name, "jobs", 30)
        stage.jobs(30)
        foreseen, result = stage.ok(check=True, **METRIC), stage.ok(**METRIC)
        assert (foreseen["msg"], foreseen["diff"]) == (result["msg"], result["diff"])
        assert result["msg"].splitlines()[1:] == [f"create HorizontalPodAutoscaler {stage.name}/worker: not there"]
        why = f"KEDA is not in the cluster; external.metrics.k8s.io is served by {metrics_api.PLACE}"
        assert (result["scaler"]["backend"], result["scaler"]["why"]) == ("hpa", why)
        assert result["would_do_now"]["wanted_replicas"] == 3
        stage.settled(**METRIC)
        eventually(lambda: stage.ready() == 3)
        # The HPA has the number now: k8s_set and others may leave it out.
        stage.apply(stage.worker())
        assert stage.replicas() == 3
        stage.settled(**METRIC)
        changed = stage.ok(max_replicas=5, **METRIC)
        assert changed["msg"] == f"apply HorizontalPodAutoscaler {stage.name}/worker: spec.maxReplicas differs"
        # From 1.37 on.
        assert stage.ok(min_replicas=0, **METRIC)["changed"]
        stage.settled(min_replicas=0, **METRIC)
        assert stage.ok(state="absent")["changed"]
        assert (stage.listed(AUTOSCALER), stage.replicas()) == ({}, 3)


def test_an_adapter_that_is_down(stage: Stage, plain_cluster: Cluster, plain_admin: Client, tmp_path: Path) -> None:
    stage.apply(stage.worker(1))
    with metrics_api.serving(plain_admin, str(plain_cluster.host_address), tmp_path):
        path = f"/api/v1/namespaces/kube-system/services/{metrics_api.PLACE.split('/')[1]}"
        spec = {"metadata": {"name": "test-adapter"}, "spec": {"ports": [{"port": 1}]}}
        plain_admin.request("PATCH", path, spec, None, "application/merge-patch+json")

        def is_down() -> bool:
            found = stage.failing(**METRIC)["problems"]
            return any(text.startswith(f"backend: {metrics_api.PLACE} serves external.metrics") for text in found)

        eventually(is_down)
