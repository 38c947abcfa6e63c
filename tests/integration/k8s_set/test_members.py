# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What belongs to a set, what leaves it, and what is somebody else's."""

from __future__ import annotations

from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.tests.integration.k8s_set.kube_set import KubeSet, doings, eventually

CLAIM: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "data"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}},
}
ACCOUNT = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "a"}}


def test_only_what_left_the_set_is_pruned(kube_set: KubeSet) -> None:
    objects = [kube_set.config_map("a", A="1"), kube_set.config_map("b", A="1"), ACCOUNT]
    kube_set.create("v1", "ConfigMap", "foreign", kube_set.namespace)
    kube_set.ok(objects)
    left = kube_set.ok(objects[:1], prune=False)
    assert (left["changed"], doings(left)) == (False, {})
    foreseen = kube_set.ok(objects[:1], check=True)
    assert kube_set.live("ConfigMap", "b")
    result = kube_set.ok(objects[:1])
    assert doings(foreseen) == doings(result) == {"ConfigMap b": "pruned", "ServiceAccount a": "pruned"}
    assert kube_set.live("ConfigMap", "b") is None
    assert kube_set.live("ServiceAccount", "a") is None
    assert kube_set.live("ConfigMap", "foreign")
    annotations = (kube_set.live("ConfigMap", "shop-applyset") or {})["metadata"]["annotations"]
    assert annotations["applyset.kubernetes.io/contains-group-kinds"] == "ConfigMap"
    kube_set.settled(objects[:1])


def test_more_than_the_limit_is_refused_with_the_list(kube_set: KubeSet) -> None:
    kube_set.ok([kube_set.config_map(f"c{number}") for number in range(4)])
    for check in (True, False):
        result = kube_set.failing([kube_set.config_map("c0", A="new")], prune_limit=2, check=check)
        assert "3 objects are not in the set any more, and prune_limit allows 2" in result["msg"]
        assert all(f"ConfigMap {kube_set.namespace}/c{number}" in result["msg"] for number in (1, 2, 3))
        assert not result["changed"]
    assert kube_set.live("ConfigMap", "c3")
    assert "data" not in (kube_set.live("ConfigMap", "c0") or {})


def test_data_stays_until_it_may_go(kube_set: KubeSet) -> None:
    kube_set.ok([CLAIM, ACCOUNT])
    for options in ({}, {"state": "absent"}):
        result = kube_set.ok([], **options)
        assert "PersistentVolumeClaim data" not in doings(result)
        assert result["kept"] == [
            f"PersistentVolumeClaim {kube_set.namespace}/data stays: it holds data, and volumes is false"
        ]
    assert kube_set.live("PersistentVolumeClaim", "data")
    assert doings(kube_set.ok([], state="absent", volumes=True)) == {"PersistentVolumeClaim data": "pruned"}
    assert kube_set.live("PersistentVolumeClaim", "data") is None


def test_claims_of_a_stateful_set_go_with_it(kube_set: KubeSet) -> None:
    labels = {"app": "db"}
    stateful_set = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "db"},
        "spec": {
            "serviceName": "db",
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "db", "image": "registry.example/none:1"}]},
            },
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": CLAIM["spec"]}],
        },
    }
    kube_set.ok([stateful_set, CLAIM], wait=False)
    kube_set.create("v1", "PersistentVolumeClaim", "data-db-other", kube_set.namespace, spec=CLAIM["spec"])
    eventually(lambda: kube_set.live("PersistentVolumeClaim", "data-db-0"))
    result = kube_set.ok([CLAIM], volumes=True)
    assert doings(result) == {"StatefulSet db": "pruned", "PersistentVolumeClaim data-db-0": "pruned"}
    assert kube_set.live("PersistentVolumeClaim", "data-db-other")


def test_namespaces_that_others_made_only_leave_the_set(kube_set: KubeSet, client: Client) -> None:
    space = f"{kube_set.namespace}-theirs"
    kube_set.create("v1", "Namespace", space)
    objects = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space, "labels": {"team": "blue"}}}]
    assert doings(kube_set.ok(objects)) == {f"Namespace {space}": "changed"}
    assert doings(kube_set.ok([])) == {f"Namespace {space}": "changed"}
    namespace = client.get("v1", "Namespace", None, space)
    assert namespace
    assert namespace["metadata"]["labels"] == {"kubernetes.io/metadata.name": space}
    kube_set.settled([])


def test_a_namespace_with_data_stays(kube_set: KubeSet, client: Client) -> None:
    space = f"{kube_set.namespace}-data"
    kube_set.will_go("v1", "Namespace", space)
    claim = {**CLAIM, "metadata": {"name": "data", "namespace": space}}
    kube_set.ok([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}}, claim])
    result = kube_set.ok([], state="absent")
    assert doings(result) == {}
    assert f"Namespace {space} stays: it holds volume claims, and volumes is false" in result["kept"]
    kube_set.ok([], state="absent", volumes=True)
    assert client.get("v1", "Namespace", None, space) is None


def test_objects_that_are_there_are_adopted(kube_set: KubeSet) -> None:
    for name in "abcdef":
        kube_set.create("v1", "ConfigMap", name, kube_set.namespace, data={"A": "1"})
    objects = [kube_set.config_map(name, A="1") for name in "abcdef"]
    result = kube_set.ok(objects)
    assert set(doings(result).values()) == {"changed"}
    assert {entry["cause"] for entry in result["objects"]} == {"not applied by us so far"}
    kube_set.settled(objects)


def test_objects_of_another_set_are_left_alone(kube_set: KubeSet) -> None:
    objects = [kube_set.config_map("a", A="1")]
    kube_set.ok(objects)
    result = kube_set.failing([kube_set.config_map("a", A="2")], name="other")
    assert f"ConfigMap {kube_set.namespace}/a: belongs to another set (applyset-" in result["msg"]
    kube_set.settled(objects)


def test_conflicts_are_told_field_by_field(kube_set: KubeSet) -> None:
    objects = [kube_set.config_map("a", A="1", B="1", C="1"), kube_set.config_map("b", A="1")]
    kube_set.ok(objects)
    kube_set.edit({**objects[0], "data": {"A": "theirs", "B": "theirs"}})
    kube_set.edit({**objects[0], "data": {"D": "theirs"}}, manager="another")
    for check in (True, False):
        result = kube_set.failing(objects, check=check)
        assert [(entry["name"], entry["field"], entry["reason"]) for entry in result["problems"]] == [
            ("a", ".data.A", "Conflict"),
            ("a", ".data.B", "Conflict"),
        ]
        assert f"ConfigMap {kube_set.namespace}/a: .data.A: kubectl-edit manages it" in result["msg"]
    assert kube_set.data("a")["A"] == "theirs"
    forced = kube_set.ok(objects, force_conflicts=True)
    assert doings(forced) == {"ConfigMap a": "changed"}
    assert kube_set.data("a") == {"A": "1", "B": "1", "C": "1", "D": "theirs"}
    kube_set.settled(objects)


def test_what_others_add_is_no_change(kube_set: KubeSet) -> None:
    objects = [kube_set.config_map("a", A="1")]
    kube_set.ok(objects)
    kube_set.edit({**objects[0], "metadata": {"name": "a", "labels": {"team": "blue"}}, "data": {"B": "theirs"}})
    kube_set.settled(objects)


def test_what_a_policy_rewrites_is_no_change(kube_set: KubeSet) -> None:
    name, space = f"{kube_set.namespace}-mutation", {"kubernetes.io/metadata.name": kube_set.namespace}
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["configmaps"]}
    rewrite = 'JSONPatch{op: "replace", path: "/data/A", value: "rewritten"}'
    change = f'[{rewrite}, JSONPatch{{op: "add", path: "/data/B", value: "x"}}]'
    spec = {
        "matchConstraints": {"namespaceSelector": {"matchLabels": space}, "resourceRules": [rule]},
        "matchConditions": [{"name": "data", "expression": "has(object.data) && 'A' in object.data"}],
        "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": change}}],
        "reinvocationPolicy": "Never",
    }
    version = "admissionregistration.k8s.io/v1"
    kube_set.create(version, "MutatingAdmissionPolicy", name, spec=spec)
    kube_set.create(version, "MutatingAdmissionPolicyBinding", name, spec={"policyName": name})
    probe = kube_set.config_map("probe", A="1")
    # Policies are in force a moment after they are there.
    eventually(lambda: kube_set.edit(probe, dryRun="All")["data"]["A"] == "rewritten")
    objects = [kube_set.config_map("a", A="1")]
    kube_set.ok(objects)
    assert kube_set.data("a") == {"A": "rewritten", "B": "x"}
    kube_set.settled(objects)
