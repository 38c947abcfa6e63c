# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A worker with a fixed count gets a scaler, and k8s_set leaves the count out from then on."""

from __future__ import annotations

from typing import Any

from ansible_collections.bunops.platform.tests.integration.queue_scaler.stage import SCALED_OBJECT, Stage, eventually
from ansible_collections.bunops.platform.tests.integration.run_module import Module


def deploy(stage: Stage, *objects: dict[str, Any]) -> dict[str, Any]:
    """A run of k8s_set."""
    options = {"name": "shop", "namespace": stage.name, "kubeconfig": stage.kubeconfig, "wait_timeout": 60}
    return Module("k8s_set").ok(objects=list(objects), **options)


def owners(stage: Stage) -> set[str]:
    """Who owns spec.replicas."""
    entries = stage.live()["metadata"]["managedFields"]
    return {entry["manager"] for entry in entries if "f:replicas" in entry["fieldsV1"].get("f:spec", {})}


def test_a_count_that_is_left_out_stays(stage: Stage) -> None:
    """No scaler comes; the next count is taken as if there had been no pause."""
    deploy(stage, stage.worker(3))
    before = stage.live()
    assert deploy(stage, stage.worker())["changed"] is False
    assert stage.live()["metadata"] == before["metadata"]
    assert deploy(stage, {**stage.worker(), "metadata": {"name": "worker", "labels": {"new": "one"}}})["changed"]
    assert (stage.replicas(), owners(stage)) == (3, {"bunops-platform"})
    assert deploy(stage, stage.worker(2))["changed"]
    assert stage.replicas() == 2


def test_the_count_may_be_left_out_first(stage: Stage) -> None:
    """As the role does it: a set without the number, then the scaler."""
    stage.jobs(25, active=5)
    deploy(stage, stage.worker(3))
    before, pods = stage.live(), stage.pods()
    deploy(stage, stage.worker())
    assert stage.ok()["msg"].startswith(f"hold Deployment {stage.name}/worker at 3: only bunops-platform gives")
    assert deploy(stage, stage.worker())["changed"] is False
    after = stage.live()
    assert (after["spec"]["replicas"], after["metadata"]["generation"]) == (3, before["metadata"]["generation"])
    assert stage.pods() == pods


def test_back_to_a_count(stage: Stage) -> None:
    stage.jobs(45)
    deploy(stage, stage.worker(3))
    stage.ok()
    deploy(stage, stage.worker())
    eventually(lambda: stage.replicas() == 5)
    foreseen, gone = stage.ok(state="absent", check=True), stage.ok(state="absent")
    assert (foreseen["changed"], foreseen["msg"], foreseen["diff"]) == (True, gone["msg"], gone["diff"])
    assert gone["msg"].splitlines() == [
        f"remove ScaledObject {stage.name}/worker: the scaler is to be absent",
        f"release Deployment {stage.name}/worker at 5: kube-controller-manager would refuse it "
        "to whoever gives a number next",
    ]
    assert gone["diff"][-1]["before"] == "kube-controller-manager\n" and gone["diff"][-1]["after"] == ""
    assert (stage.replicas(), owners(stage)) == (5, set())
    assert not stage.ok(state="absent")["changed"]
    assert deploy(stage, stage.worker(2))["summary"]["changed"] == 1
    assert (stage.replicas(), owners(stage)) == (2, {"bunops-platform"})


def test_the_count_stays_and_then_is_the_autoscalers(stage: Stage) -> None:
    stage.jobs(25, active=5)
    deploy(stage, stage.worker(3))
    before, pods = stage.live(), stage.pods()
    foreseen, result = stage.ok(check=True), stage.ok()
    assert foreseen["changed"] and foreseen["msg"] == result["msg"]
    assert result["msg"].splitlines() == [
        f"hold Deployment {stage.name}/worker at 3: only bunops-platform gives its number of replicas, "
        "which falls to 1 when its last owner leaves it out",
        f"create ScaledObject {stage.name}/worker: not there",
    ]
    assert result["diff"][0]["after"] == "bunops-platform\nbunops-scaler\n"
    assert owners(stage) == {"bunops-platform", "bunops-scaler"}
    stage.settled()
    assert deploy(stage, stage.worker())["changed"] is False
    # Each change of the spec counts, those that are taken back, too.
    after = stage.live()
    assert (after["spec"]["replicas"], after["metadata"]["generation"]) == (3, before["metadata"]["generation"])
    # With any other change the number is given up.
    worker = stage.worker()
    worker["metadata"]["labels"] = {"new": "one"}
    assert deploy(stage, worker)["summary"]["changed"] == 1
    assert (stage.pods(), owners(stage)) == (pods, {"bunops-scaler"})
    stage.settled()
    stage.jobs(45, active=5)
    eventually(lambda: stage.replicas() == 5)
    assert owners(stage) == {"kube-controller-manager"}
    # Both leave alone what is the other's.
    again = deploy(stage, worker)
    assert (again["changed"], again["summary"]["pruned"]) == (False, 0)
    stage.settled()
    assert (stage.replicas(), list(stage.listed(SCALED_OBJECT))) == (5, ["worker"])


def test_who_gives_a_number_again_hears_whose_it_is(stage: Stage) -> None:
    stage.jobs(20)
    deploy(stage, stage.worker())
    # Nobody has given one so far. Then the API server does not note either that the autoscaler does.
    result = stage.ok()
    assert result["msg"].startswith(f"hold Deployment {stage.name}/worker at 1: nobody owns its number of replicas")
    eventually(lambda: stage.replicas() == 2)
    assert owners(stage) == {"kube-controller-manager"}
    options = {"name": "shop", "namespace": stage.name, "kubeconfig": stage.kubeconfig}
    failed = Module("k8s_set").failing(objects=[stage.worker(1)], **options)
    assert ".spec.replicas: kube-controller-manager manages it" in failed["msg"]


def test_a_count_that_changes_meanwhile_is_held_as_it_is(stage: Stage) -> None:
    """Somebody scales by hand: then it is theirs, and there is nothing to hold."""
    deploy(stage, stage.worker(3))
    path = stage.admin.path("apps/v1", "Deployment", stage.name, "worker") + "/scale"
    stage.admin.request("PATCH", path, {"spec": {"replicas": 2}}, {"fieldManager": "kubectl-scale"}, MERGE)
    assert stage.ok()["msg"] == f"create ScaledObject {stage.name}/worker: not there"
    assert owners(stage) == {"kubectl-scale"}


MERGE = "application/merge-patch+json"
