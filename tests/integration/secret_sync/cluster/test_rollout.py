# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Workloads of a real namespace that are rolled to new versions, and back."""

from __future__ import annotations

import secrets as random_text
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import RolloutError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.role import Uses
from ansible_collections.bunops.platform.tests.integration.secret_sync.cluster.space import (
    Space,
    eventually,
    files,
    sync,
)

KINDS = ("Deployment", "StatefulSet", "DaemonSet")


def names_of(space: Space, kind: str, name: str) -> list[str]:
    """The Secrets that a workload has as variables."""
    (container,) = space.live(kind, name)["spec"]["template"]["spec"]["containers"]
    return [each["secretRef"]["name"] for each in container["envFrom"]]


def generation(space: Space, kind: str, name: str) -> int:
    return int(space.live(kind, name)["metadata"]["generation"])


def test_one_of_twenty_is_rolled(space: Space, image: str) -> None:
    held = sync(space.target(), files(A="1", B="1")).held
    for number in range(20):
        name = held["A" if number == 7 else "B"].place
        space.create(space.workload(f"app-{number}", image, name, replicas=int(number in (7, 8))))
    space.await_ready("app-7", "app-8")
    _actions, after, rolled, _collected = sync(space.target(), files(A="2", B="1"), roll=True)
    assert rolled == [f"Deployment {space.name}/app-7"]
    assert names_of(space, "Deployment", "app-7") == [after["A"].place]
    changed = {number for number in range(20) if generation(space, "Deployment", f"app-{number}") != 1}
    assert changed == {7}
    pods = [each for name, each in space.listed("Pod").items() if name.startswith("app-7-")]
    assert [after["A"].place in str(pod["spec"]) for pod in pods if "deletionTimestamp" not in pod["metadata"]] == [
        True
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_many_changes_roll_once(space: Space, image: str, kind: str) -> None:
    held = sync(space.target(), files(A="1", B="1", C="1")).held
    workload = space.workload("app", image, *(held[name].place for name in "ABC"), kind=kind)
    spec = workload["spec"]["template"]["spec"]
    spec["volumes"] = [
        {"name": "one", "secret": {"secretName": held["A"].place}},
        {"name": "two", "projected": {"sources": [{"secret": {"name": held["B"].place}}]}},
    ]
    spec["imagePullSecrets"] = [{"name": held["C"].place}]
    reference = {"name": held["A"].place, "key": "A"}
    spec["containers"][0]["env"] = [{"name": "A1", "valueFrom": {"secretKeyRef": reference}}]
    spec["initContainers"] = [{**spec["containers"][0], "name": "first", "command": ["true"]}]
    del spec["initContainers"][0]["readinessProbe"]
    space.create(workload)
    before = {each.place for each in held.values()}
    _actions, after, rolled, _collected = sync(space.target(), files(A="2", B="2", C="2"), roll=True)
    assert rolled == [f"{kind} {space.name}/app"]
    assert generation(space, kind, "app") == 2
    template = str(space.live(kind, "app")["spec"]["template"])
    assert [name for name in before if name in template] == []
    assert [each.place for each in after.values() if each.place not in template] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_later_apply_by_the_owner_is_no_change_and_no_conflict(space: Space, image: str, kind: str) -> None:
    held = sync(space.target(), files(A="1", B="1")).held

    def applied(manager: str, force: bool = False) -> dict[str, Any]:
        item = space.workload("app", image, held["A"].place, held["B"].place, kind=kind)
        return space.apply(item, manager, force)

    applied("argocd")
    held = sync(space.target(), files(A="2", B="1"), roll=True).held
    live = space.live(kind, "app")
    assert {(each["manager"], each["operation"]) for each in live["metadata"]["managedFields"]} == {
        ("argocd", "Apply"),
        ("kube-controller-manager", "Update"),
    }
    assert applied("argocd")["metadata"]["generation"] == live["metadata"]["generation"]
    held = sync(space.target(), files(A="2", B="2")).held
    assert applied("argocd")["metadata"]["generation"] == live["metadata"]["generation"] + 1


def test_fields_of_several_owners_stay_theirs(space: Space, image: str) -> None:
    """One applies, another has edited one of the references."""
    held = sync(space.target(), files(A="1", B="1")).held
    item = space.workload("app", image, held["A"].place)
    container = item["spec"]["template"]["spec"]["containers"][0]
    container["env"] = [{"name": "B", "valueFrom": {"secretKeyRef": {"name": "nonesuch", "key": "B"}}}]
    space.apply(item)
    path = space.admin.path("apps/v1", "Deployment", space.name, "app")
    place = "/spec/template/spec/containers/0/env/0/valueFrom/secretKeyRef/name"
    edit = [{"op": "replace", "path": place, "value": held["B"].place}]
    query = {"fieldManager": "kubectl-edit"}
    space.admin.request("PATCH", path, edit, query, "application/json-patch+json")
    after = sync(space.target(), files(A="2", B="2"), roll=True).held
    live = space.live("Deployment", "app")
    template = str(live["spec"]["template"])
    assert after["A"].place in template
    assert after["B"].place in template
    assert {each["manager"] for each in live["metadata"]["managedFields"]} == {
        "bunops-platform",
        "kubectl-edit",
        "kube-controller-manager",
    }


@pytest.mark.parametrize("by_apply", [True, False])
def test_a_failing_rollout_goes_back(space: Space, image: str, by_apply: bool) -> None:
    bad = f"bad-{random_text.token_hex(8)}"
    held = sync(space.target(), files(A="good", B="1")).held
    check = "echo my value is $A; test $A = good || exit 1"
    for kind in KINDS:
        item = space.workload(kind.lower(), image, held["A"].place, held["B"].place, kind=kind, check=check)
        if by_apply:
            space.apply(item)
        else:
            space.create(item)
    eventually(lambda: len(_ready_pods(space)) == 3, 60)
    with pytest.raises(RolloutError) as caught:
        sync(space.target(), files(A=bad, B="1"), roll=True)
    said = str(caught.value)
    assert [kind for kind in KINDS if f"{kind} {space.name}/{kind.lower()}: " not in said] == []
    assert said.count("my value is ***") == 3
    assert bad not in said
    for kind in KINDS:
        assert names_of(space, kind, kind.lower()) == [held["A"].place, held["B"].place]
    assert set(space.secrets()) == {each.place for each in held.values()}
    assert {name: each.number for name, each in space.target().observe().items()} == {"A": 1, "B": 1}
    eventually(lambda: _ready_pods(space) == [held["A"].place] * 3, 60)


def test_what_could_not_run_with_the_former_version_is_rolled_as_well(space: Space, image: str) -> None:
    held = sync(space.target(), files(A="bad-value")).held
    for kind in KINDS:
        space.apply(space.workload(kind.lower(), image, held["A"].place, kind=kind, check="test $A = good || exit 1"))
    eventually(lambda: len(_restarted(space)) == 3, 60)
    after = sync(space.target(), files(A="good"), roll=True).held
    eventually(lambda: _ready_pods(space) == [after["A"].place] * 3, 60)


def _restarted(space: Space) -> list[str]:
    return [
        name
        for name, pod in space.listed("Pod").items()
        if any(each["restartCount"] for each in pod["status"].get("containerStatuses", []))
    ]


def _ready_pods(space: Space) -> list[str]:
    """The first Secret of each pod, if all are ready."""
    pods = space.listed("Pod").values()
    ready = [
        any(each["type"] == "Ready" and each["status"] == "True" for each in pod["status"].get("conditions", []))
        for pod in pods
    ]
    return [pod["spec"]["containers"][0]["envFrom"][0]["secretRef"]["name"] for pod in pods] if all(ready) else []


def test_a_rollout_that_was_cut_off_is_finished_by_the_next_run(space: Space, image: str) -> None:
    held = sync(space.target(), files(A="1")).held
    for name in ("one", "two"):
        space.create(space.workload(name, image, held["A"].place, replicas=0))
    after = sync(space.target(), files(A="2")).held
    actions, _after, rolled, _collected = sync(space.target(), files(A="2"), roll=True)
    assert (actions, len(rolled)) == ({}, 2)
    assert {tuple(names_of(space, "Deployment", name)) for name in ("one", "two")} == {(after["A"].place,)}
    assert sync(space.target(), files(A="2"), roll=True).rolled == []


def test_what_keeps_pods_from_being_replaced_is_said(space: Space, image: str) -> None:
    held = sync(space.target(), files(A="1")).held
    on_delete = {"type": "OnDelete"}
    space.create(space.workload("db", image, held["A"].place, kind="StatefulSet", updateStrategy=on_delete))
    space.create(space.workload("halted", image, held["A"].place, paused=True))
    partition = {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}
    space.create(
        space.workload("half", image, held["A"].place, kind="StatefulSet", replicas=2, updateStrategy=partition)
    )
    eventually(lambda: len(_ready_pods(space)) == 3, 60)
    _actions, after, rolled, _collected = sync(space.target(), files(A="2"), roll=True, keep=1)
    assert rolled == [
        f"Deployment {space.name}/halted (paused: its pods take the new version when it is resumed)",
        f"StatefulSet {space.name}/db (OnDelete: a pod takes the new version when it is deleted)",
        f"StatefulSet {space.name}/half (partition: its pods below 1 keep the former version)",
    ]
    assert names_of(space, "StatefulSet", "db") == [after["A"].place]
    # Pods and an old revision name the former version: it stays.
    assert set(space.secrets()) == {held["A"].place, after["A"].place}


def test_old_replica_sets_keep_versions(space: Space, image: str) -> None:
    held = sync(space.target(), files(A="1")).held
    space.create(space.workload("app", image, held["A"].place, replicas=1, revisionHistoryLimit=1))
    space.await_ready("app")
    second = sync(space.target(), files(A="2"), roll=True, keep=1)
    assert second.collected == []
    third = sync(space.target(), files(A="3"), roll=True, keep=1)
    # The Deployment keeps one old ReplicaSet, and goes back to it if asked.
    first_gone = [*third.collected]

    def collected() -> bool:
        first_gone.extend(space.target().collect(1) if not first_gone else [])
        return first_gone == [held["A"].place]

    eventually(collected, 60)
    assert set(space.secrets()) == {second.held["A"].place, third.held["A"].place}


def test_without_the_right_to_patch_it_is_one_sentence_and_nothing_stays(space: Space, image: str) -> None:
    client = space.client(Uses(roll=False))
    held = sync(space.target(client), files(A="1")).held
    space.create(space.workload("app", image, held["A"].place, replicas=0))
    with pytest.raises(RolloutError) as caught:
        sync(space.target(client), files(A="2"), roll=True)
    assert 'cannot patch resource "deployments" in API group "apps"' in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert set(space.secrets()) == {held["A"].place}
