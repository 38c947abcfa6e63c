# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The module with the real KEDA: what it makes, and what that does to a worker."""

from __future__ import annotations

from typing import Any

from ansible_collections.bunops.platform.tests.integration.queue_scaler.stage import (
    AUTOSCALER,
    SCALED_OBJECT,
    Stage,
    eventually,
    holds,
)


def made_by_keda(stage: Stage) -> dict[str, Any]:
    """The spec of the HPA that KEDA has made."""
    spec: dict[str, Any] = stage.listed(AUTOSCALER)["keda-hpa-worker"]["spec"]
    return spec


def ready_condition(stage: Stage) -> str:
    """What the ScaledObject says of itself."""
    conditions = stage.listed(SCALED_OBJECT)["worker"]["status"]["conditions"]
    return next(str(each["status"]) for each in conditions if each["type"] == "Ready")


def test_it_comes_and_changes(stage: Stage) -> None:
    stage.create(stage.worker(2))
    stage.jobs(20)
    foreseen = stage.ok(check=True)
    assert stage.listed(SCALED_OBJECT) == {}
    result = stage.ok()
    assert foreseen["changed"] and (foreseen["msg"], foreseen["scaler"]) == (result["msg"], result["scaler"])
    assert result["scaler"] == {
        "backend": "keda",
        "kind": "ScaledObject",
        "name": "worker",
        "namespace": stage.name,
        "why": "KEDA is in the cluster",
    }
    assert result["would_do_now"] == {
        "depth": {"exists": True, "waiting": 20, "active": 0, "paused": False},
        "demand": 20,
        "current_replicas": 2,
        "wanted_replicas": 2,
        "why": "20 jobs call for 2 replicas at 10 each",
    }
    # It waited for that.
    assert made_by_keda(stage)["maxReplicas"] == 10
    stage.settled()
    changed = stage.ok(max_replicas=4)
    assert changed["msg"] == f"apply ScaledObject {stage.name}/worker: spec.maxReplicaCount differs"
    assert [(each["before"], each["after"]) for each in changed["diff"]] == [
        ("spec:\n  maxReplicaCount: 10\n", "spec:\n  maxReplicaCount: 4\n")
    ]
    assert made_by_keda(stage)["maxReplicas"] == 4


def test_it_goes_and_the_replicas_stay(stage: Stage) -> None:
    stage.create(stage.worker(2))
    stage.jobs(20)
    stage.ok()
    gone = stage.ok(state="absent", check=True)
    assert gone["changed"] and len(stage.listed(SCALED_OBJECT)) == 1
    assert stage.ok(state="absent")["msg"] == gone["msg"]
    assert (stage.listed(SCALED_OBJECT), stage.listed(AUTOSCALER), stage.replicas()) == ({}, {}, 2)
    assert not stage.ok(state="absent")["changed"]


def test_what_others_change_comes_back(stage: Stage) -> None:
    stage.create(stage.worker(1))
    stage.ok()
    item = {"apiVersion": SCALED_OBJECT[0], "kind": SCALED_OBJECT[1], "metadata": {"name": "worker"}}
    stage.apply({**item, "spec": {"maxReplicaCount": 99}}, "kubectl-edit", force=True)
    assert stage.ok()["changed"]
    assert made_by_keda(stage)["maxReplicas"] == 10
    stage.settled()


def test_a_worker_follows_its_queue_from_zero_and_back(stage: Stage) -> None:
    stage.create(stage.worker(0))
    stage.ok(min_replicas=0)
    holds(lambda: stage.replicas() == 0, 3)
    stage.jobs(25)
    eventually(lambda: stage.ready() == 3)
    stage.jobs(0)
    eventually(lambda: stage.replicas() == 0)
    # A paused queue wakes nobody.
    stage.jobs(50, paused=True, demand=0)
    assert stage.ok(min_replicas=0)["would_do_now"]["why"].startswith("the queue is paused")
    holds(lambda: stage.replicas() == 0, 3)


def test_none_stay_none_while_nobody_can_measure(stage: Stage) -> None:
    """KEDA's own fallback would start one. That more stay, too, tests/e2e/autoscaling shows with a real meter."""
    stage.create(stage.worker(0))
    stage.ok(min_replicas=0)
    away = {"message": "queue meter: cannot measure redis/fetch: connection refused"}
    stage.says(503, away)
    eventually(lambda: any("503" in text for text in stage.events("KEDAScalerFailed")))
    eventually(lambda: ready_condition(stage) == "False")
    holds(lambda: stage.replicas() == 0, 5)


def test_from_a_plain_hpa_to_keda_and_back(stage: Stage) -> None:
    stage.create(stage.worker(2, cpu="10m"))
    by_cpu = {"queue": None, "jobs_per_replica": None, "backend": "hpa", "cpu_percent": 50, "min_replicas": 2}
    stage.ok(**by_cpu)
    stage.settled(**by_cpu)
    assert list(stage.listed(AUTOSCALER)) == ["worker"]
    to_keda = {"cpu_percent": 50, "min_replicas": 2}
    assert stage.ok(check=True, **to_keda)["msg"] == stage.ok(**to_keda)["msg"]
    assert list(stage.listed(AUTOSCALER)) == ["keda-hpa-worker"]
    stage.settled(**to_keda)
    assert stage.ok(check=True, **by_cpu)["msg"] == stage.ok(**by_cpu)["msg"]
    assert (list(stage.listed(AUTOSCALER)), stage.listed(SCALED_OBJECT)) == (["worker"], {})
    assert stage.replicas() == 2


def test_a_paused_one_is_told(stage: Stage) -> None:
    stage.create(stage.worker(1))
    stage.ok()
    path = stage.admin.path(*SCALED_OBJECT, stage.name, "worker")
    pause = {"metadata": {"annotations": {"autoscaling.keda.sh/paused": "true"}}}
    stage.admin.request("PATCH", path, pause, None, "application/merge-patch+json")
    eventually(lambda: stage.listed(AUTOSCALER) == {})
    result = stage.ok()
    assert not result["changed"]
    told = "ScaledObject worker is paused by an annotation: nothing scales until that is gone."
    assert told in str(result["warnings"])
