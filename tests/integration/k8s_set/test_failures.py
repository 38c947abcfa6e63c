# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Runs that cannot succeed: what they say, and what they leave behind."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.tests.integration.cluster.rights import await_rights
from ansible_collections.bunops.platform.tests.integration.k8s_set.kube_set import KubeSet, doings, eventually


def deployment(name: str, image: str = "registry.invalid/none:1", **spec: Any) -> dict[str, Any]:
    """A Deployment whose image cannot be pulled."""
    labels = {"app": name}
    container = {"name": "main", "image": image, "resources": {"requests": {"cpu": "1m"}}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
            **spec,
        },
    }


def test_all_refusals_at_once_and_no_later_stage(kube_set: KubeSet) -> None:
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "quota"},
        "spec": {"hard": {"configmaps": "4"}},
    }
    kube_set.ok([quota], name="quota")
    objects = [
        kube_set.config_map("fits"),
        {**kube_set.config_map("label"), "metadata": {"name": "label", "labels": {"a": "not valid!"}}},
        {**kube_set.config_map("field"), "metadata": {"name": "field"}, "spec": {}},
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "service"},
            "spec": {"ports": [{"port": 0, "targetPort": 1}]},
        },
        deployment("typo", spc={}, replicas=0),
        deployment("good", replicas=0),
    ]
    result = kube_set.failing(objects)
    fields = {entry["name"]: entry["field"] for entry in result["problems"]}
    assert fields == {
        "label": "metadata.labels",
        "field": ".spec",
        "service": "spec.ports[0].port",
        "typo": ".spec.spc",
    }
    assert result["msg"].startswith("The API server refuses 4 objects:\n")
    assert doings(result) == {"ConfigMap fits": "created"}
    assert kube_set.live("Deployment", "good", "apps/v1") is None
    more = [kube_set.config_map(f"c{number}") for number in range(4)]
    assert "exceeded quota: quota" in kube_set.failing(more, prune=False)["msg"]


def test_check_mode_finds_what_would_be_refused(kube_set: KubeSet) -> None:
    result = kube_set.failing([{**kube_set.config_map("a"), "spec": {}}], check=True)
    assert [entry["field"] for entry in result["problems"]] == [".spec"]
    assert kube_set.live("ConfigMap", "shop-applyset") is None


def test_wrong_objects_are_told_before_anything_is_done(kube_set: KubeSet) -> None:
    objects = [kube_set.config_map("a"), kube_set.config_map("a"), {"apiVersion": "v1", "kind": "Pod"}]
    assert kube_set.failing(objects)["msg"].splitlines() == [
        f"objects[1]: ConfigMap {kube_set.namespace}/a is there twice",
        "objects[2]: metadata: expected a mapping with the object's name",
    ]
    assert kube_set.live("ConfigMap", "a") is None


def test_a_missing_namespace_is_named(kube_set: KubeSet) -> None:
    result = kube_set.failing([kube_set.config_map("a")], namespace="bunops-set-nowhere")
    assert result["msg"] == ("Namespace bunops-set-nowhere: is not there; create it, or put it among the objects")


def test_a_failed_wait_leaves_the_old_version_and_says_why(kube_set: KubeSet) -> None:
    kube_set.ok([deployment("api", replicas=0), kube_set.config_map("old")])
    result = kube_set.failing([deployment("api", replicas=1)], wait_timeout=8)
    assert "registry.invalid/none:1" in result["msg"]
    assert result["problems"][0]["name"] == "api"
    # What left the set is pruned only when the rest is ready.
    assert kube_set.live("ConfigMap", "old")


def test_rollback_of_a_failed_wait(kube_set: KubeSet, client: Client) -> None:
    before = [kube_set.config_map("a", A="1", B="1"), deployment("api", replicas=0)]
    kube_set.ok(before)
    kube_set.edit({**before[0], "data": {"C": "theirs", "D": "theirs"}}, manager="other")
    space = f"{kube_set.namespace}-new"
    kube_set.will_go("v1", "Namespace", space)
    after = [
        kube_set.config_map("a", A="2", C="ours", N="new"),
        deployment("api", replicas=1, minReadySeconds=1),
        kube_set.config_map("new"),
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}},
    ]
    result = kube_set.failing(after, rollback=True, force_conflicts=True, wait_timeout=5)
    assert result["rolled_back"]
    assert "The former state was brought back: 2 objects restored, 2 removed again." in result["msg"]
    assert kube_set.data("a") == {"A": "1", "B": "1", "C": "theirs", "D": "theirs"}
    live = kube_set.live("Deployment", "api", "apps/v1")
    assert live
    assert live["spec"]["replicas"] == 0
    assert "minReadySeconds" not in live["spec"]
    assert kube_set.live("ConfigMap", "new") is None
    namespace = client.get("v1", "Namespace", None, space)
    assert namespace is None or namespace["metadata"]["deletionTimestamp"]
    kube_set.settled(before, force_conflicts=True)


def test_rollback_of_refused_objects(kube_set: KubeSet) -> None:
    before = [kube_set.config_map("a", A="1")]
    kube_set.ok(before)
    result = kube_set.failing(
        [kube_set.config_map("a", A="2"), {**kube_set.config_map("b"), "spec": {}}], rollback=True
    )
    assert result["rolled_back"]
    assert kube_set.data("a") == {"A": "1"}
    kube_set.settled(before)


def test_another_run_waits_for_the_first(kube_set: KubeSet) -> None:
    first = kube_set.start([deployment("slow", replicas=1, progressDeadlineSeconds=600)], wait_timeout=5)
    eventually(lambda: _holder(kube_set))
    result = kube_set.failing([kube_set.config_map("a")], wait_timeout=1)
    assert f"Another run is at work on this set: Lease {kube_set.namespace}/shop-apply is held by" in result["msg"]
    assert not result["changed"]
    first.communicate()
    kube_set.ok([kube_set.config_map("a")])


def _holder(kube_set: KubeSet) -> str:
    lease = kube_set.live("Lease", "shop-apply", "coordination.k8s.io/v1") or {}
    return (lease.get("spec") or {}).get("holderIdentity") or ""


def test_runs_at_once_do_not_interleave(kube_set: KubeSet) -> None:
    names = [f"c{number}" for number in range(30)]
    processes = [kube_set.start([kube_set.config_map(name, RUN=str(run)) for name in names]) for run in range(3)]
    for process in processes:
        assert '"failed": true' not in process.communicate()[0]
    assert len({kube_set.data(name)["RUN"] for name in names}) == 1


SECRET = "canary-in-a-coal-mine"


@pytest.mark.parametrize("broken", [False, True])
def test_secrets_show_nowhere(kube_set: KubeSet, broken: bool) -> None:
    encoded = base64.b64encode(SECRET.encode()).decode()
    secret: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "labels": {"a": "not valid!"} if broken else {}},
        "data": {"A": encoded},
        "stringData": {"B": SECRET},
        "type": "kubernetes.io/dockerconfigjson" if broken else "Opaque",
    }
    if broken:
        secret["stringData"][".dockerconfigjson"] = SECRET
    pod = deployment("api", replicas=0)
    pod["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "DB_PASSWORD", "value": SECRET}]
    for check in (True, False):
        process = kube_set.start([secret, pod], check=check)
        output, errors = process.communicate()
        assert ('"failed": true' in output) == broken
        assert ('"diff"' in output) != broken
        assert SECRET not in output + errors
        assert encoded not in output + errors


def test_a_log_that_tells_a_secret_is_not_passed_on(kube_set: KubeSet, image: str) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"A": SECRET}}
    talkative = {
        "name": "main",
        "image": image,
        "command": ["sh", "-c", "echo found $WORD here; exit 3"],
        "env": [{"name": "WORD", "valueFrom": {"secretKeyRef": {"name": "s", "key": "A"}}}],
    }
    spec = {"backoffLimit": 0, "template": {"spec": {"containers": [talkative], "restartPolicy": "Never"}}}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "talk"}, "spec": spec}
    result = kube_set.failing([secret, job])
    assert "found ******** here" in result["msg"]
    assert SECRET not in str(result)


def test_who_may_only_work_in_a_namespace(kube_set: KubeSet) -> None:
    """Without rights on namespaces and anything else outside."""
    space, account = kube_set.namespace, "deployer"
    rbac = "rbac.authorization.k8s.io/v1"
    kube_set.create("v1", "ServiceAccount", account, space)
    rules = [{"apiGroups": ["", "coordination.k8s.io"], "resources": ["configmaps", "leases"], "verbs": ["*"]}]
    kube_set.create(rbac, "Role", account, space, rules=rules)
    subject = {"kind": "ServiceAccount", "name": account, "namespace": space}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": account}
    kube_set.create(rbac, "RoleBinding", account, space, roleRef=reference, subjects=[subject])
    await_rights(kube_set.client, space, account, rules[0])
    path = kube_set.client.path("v1", "ServiceAccount", space, account) + "/token"
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    token = kube_set.client.request("POST", path, body)["status"]["token"]
    objects = [kube_set.config_map("a", A="1")]
    result = kube_set.ok(objects, api_key=token)
    assert doings(result) == {"ConfigMap a": "created"}
    kube_set.settled(objects, api_key=token)
    refused = kube_set.failing([{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}], api_key=token)
    assert "secrets" in refused["msg"]
    assert "forbidden" in refused["msg"]
    assert token not in str(refused)
