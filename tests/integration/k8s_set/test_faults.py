# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""An API server in trouble: every run comes through or says what is wrong, and the next one comes through.

Nothing is applied twice or lost: after both, every object is there once, as it was wanted, by one apply of each run
that changed it.
"""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.tests.cluster import Cluster
from ansible_collections.bunops.platform.tests.integration.k8s_set.fault_proxy import (
    FAULTS,
    FaultProxy,
    Request,
    at_random,
)
from ansible_collections.bunops.platform.tests.integration.k8s_set.kube_set import KubeSet, doings

COUNT = 30


def wanted(kube_set: KubeSet, value: str) -> list[dict[str, Any]]:
    """A set whose objects all change with the value."""
    objects = [kube_set.config_map(f"c{number}", VALUE=value) for number in range(COUNT)]
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "a", "labels": {"value": value}}}
    return [*objects, account]


def assert_converged(kube_set: KubeSet, value: str) -> None:
    """Everything is there once and as wanted, by our hand alone, and a run in peace changes nothing."""
    kube_set.settled(wanted(kube_set, value))
    maps = list(kube_set.client.list("v1", "ConfigMap", kube_set.namespace))
    ours = {live["metadata"]["name"]: live for live in maps if live["metadata"]["name"].startswith("c")}
    assert set(ours) == {f"c{number}" for number in range(COUNT)}
    assert {live["data"]["VALUE"] for live in ours.values()} == {value}
    assert {len(live["metadata"]["managedFields"]) for live in ours.values()} == {1}


@pytest.mark.parametrize("seed", range(4))
def test_faults_at_random(kube_set: KubeSet, proxy: FaultProxy, tmp_path: Path, seed: int) -> None:
    kubeconfig = proxy.kubeconfig(tmp_path)
    for value in ("first", "second"):
        proxy.choose = at_random(seed, 0.15)
        result = kube_set.run(wanted(kube_set, value), kubeconfig=kubeconfig)
        if result.get("failed"):
            proxy.choose = lambda _request: ""
            kube_set.ok(wanted(kube_set, value), kubeconfig=kubeconfig)
        assert_converged(kube_set, value)
    proxy.choose = at_random(seed, 0.15)
    kube_set.run([], state="absent", kubeconfig=kubeconfig)
    kube_set.ok([], state="absent")
    left = kube_set.client.list("v1", "ConfigMap", kube_set.namespace, names_only=True)
    assert [live["metadata"]["name"] for live in left] == ["kube-root-ca.crt"]


@pytest.mark.parametrize("fault", FAULTS)
def test_every_tenth_request_meets_a_fault(kube_set: KubeSet, proxy: FaultProxy, tmp_path: Path, fault: str) -> None:
    proxy.choose = lambda request: fault if request.number % 10 == 7 else ""
    result = kube_set.ok(wanted(kube_set, "first"), kubeconfig=proxy.kubeconfig(tmp_path))
    assert result["summary"]["created"] == COUNT + 1
    assert_converged(kube_set, "first")


def test_an_apply_whose_answer_is_lost_counts_once(kube_set: KubeSet, proxy: FaultProxy, tmp_path: Path) -> None:
    lost: set[str] = set()

    def first_answer(request: Request) -> str:
        if request.method == "PATCH" and request.path not in lost:
            lost.add(request.path)
            return "lost"
        return ""

    proxy.choose = first_answer
    result = kube_set.ok(wanted(kube_set, "first"), kubeconfig=proxy.kubeconfig(tmp_path))
    assert result["summary"] == {"created": COUNT + 1, "changed": 0, "unchanged": 0, "pruned": 0}
    assert len(lost) == COUNT + 2
    assert_converged(kube_set, "first")


def test_a_server_that_stays_away_is_one_clear_error(kube_set: KubeSet, proxy: FaultProxy, tmp_path: Path) -> None:
    proxy.choose = lambda _request: "reset" if len(proxy.calls("PATCH")) > 10 else ""
    result = kube_set.failing(wanted(kube_set, "first"), kubeconfig=proxy.kubeconfig(tmp_path))
    assert result["msg"].startswith("The API server https://127.0.0.1:")
    assert "gives no answer" in result["msg"]
    assert "\n" not in result["msg"]
    # What came through is told.
    assert 0 < len(doings(result)) < COUNT
    kube_set.ok(wanted(kube_set, "first"), wait_timeout=60)
    assert_converged(kube_set, "first")


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    """A cluster whose API server may be killed."""
    with Cluster.start(Path(tempfile.mkdtemp(prefix="bunops-faults-"))) as cluster:
        yield cluster


def test_an_api_server_that_is_killed_half_way(own_cluster: Cluster, tmp_path: Path) -> None:
    proxy = FaultProxy(own_cluster.kubeconfig)
    with Client.connect(Options(kubeconfig=str(own_cluster.kubeconfig))) as client:
        kube_set = KubeSet(client, str(own_cluster.kubeconfig), "bunops-set-killed")
        kube_set.create("v1", "Namespace", kube_set.namespace)
        moments = [COUNT // 2]

        def kill(_request: Request) -> str:
            if moments and len(proxy.calls("PATCH")) == moments[0]:
                moments.pop()
                os.kill(own_cluster.pid("kube-apiserver"), signal.SIGKILL)
            return ""

        proxy.choose = kill
        result = kube_set.run(wanted(kube_set, "first"), kubeconfig=proxy.kubeconfig(tmp_path))
        assert not moments
        if result.get("failed"):
            assert "gives no answer" in result["msg"]
            kube_set.ok(wanted(kube_set, "first"))
        assert_converged(kube_set, "first")
        kube_set.clean()
    proxy.stop()
