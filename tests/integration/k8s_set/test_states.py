# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""From nothing to a set, from one state of it to the next, and away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.tests.integration.k8s_set.fault_proxy import FaultProxy
from ansible_collections.bunops.platform.tests.integration.k8s_set.kube_set import KubeSet, doings

OBJECTS: list[dict[str, Any]] = list(yaml.safe_load_all((Path(__file__).parent / "objects.yml").read_text()))


def test_a_set_comes_stays_and_goes(kube_set: KubeSet) -> None:
    foreseen = kube_set.ok(OBJECTS, check=True)
    assert kube_set.live("ConfigMap", "config") is None
    first = kube_set.ok(OBJECTS)
    assert first["changed"]
    assert first["summary"] == {"created": len(OBJECTS), "changed": 0, "unchanged": 0, "pruned": 0}
    assert foreseen["objects"] == first["objects"]
    kube_set.settled(OBJECTS)
    gone = kube_set.ok([], state="absent", volumes=True)
    assert gone["summary"]["pruned"] == len(OBJECTS)
    assert kube_set.live("Deployment", "api", "apps/v1") is None
    assert kube_set.live("ConfigMap", "shop-applyset") is None
    assert kube_set.live("Lease", "shop-apply", "coordination.k8s.io/v1") is None
    kube_set.settled([], state="absent")


def test_an_unchanged_set_costs_one_list_a_kind(kube_set: KubeSet, proxy: FaultProxy, tmp_path: Path) -> None:
    objects = [kube_set.config_map(f"c{number}", A="1") for number in range(20)]
    objects += [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": f"a{number}"}} for number in range(20)
    ]
    kube_set.ok(objects)
    kube_set.ok(objects, kubeconfig=proxy.kubeconfig(tmp_path))
    paths = [request.path.partition("?")[0].replace(kube_set.namespace, "NS") for request in proxy.seen]
    assert proxy.calls("GET") == [f"{request.method} {request.path}" for request in proxy.seen]
    assert sorted(paths) == [
        "/api",
        "/api/v1/namespaces/NS/configmaps",
        "/api/v1/namespaces/NS/configmaps/shop-applyset",
        "/api/v1/namespaces/NS/serviceaccounts",
        "/apis",
        "/apis/coordination.k8s.io/v1/namespaces/NS/leases/shop-apply",
    ]


def test_only_what_differs_is_changed(kube_set: KubeSet) -> None:
    before = [kube_set.config_map("a", A="1", B="1"), kube_set.config_map("b", A="1")]
    after = [kube_set.config_map("a", A="2", C="1"), kube_set.config_map("b", A="1")]
    kube_set.ok(before)
    versions = {name: (kube_set.live("ConfigMap", name) or {})["metadata"]["resourceVersion"] for name in "ab"}
    foreseen = kube_set.ok(after, check=True)
    assert {name: (kube_set.live("ConfigMap", name) or {})["metadata"]["resourceVersion"] for name in "ab"} == versions
    result = kube_set.ok(after)
    assert doings(result) == {"ConfigMap a": "changed"}
    assert result["objects"][0]["cause"] == "data.C is not ours so far"
    assert result["diff"] == [
        {
            "before_header": f"ConfigMap {kube_set.namespace}/a",
            "after_header": f"ConfigMap {kube_set.namespace}/a",
            "before": 'data:\n  A: "1"\n  B: "1"\n',
            "after": 'data:\n  A: "2"\n  C: "1"\n',
        }
    ]
    assert {key: foreseen[key] for key in ("objects", "diff", "msg")} == {
        key: result[key] for key in ("objects", "diff", "msg")
    }
    assert kube_set.data("a") == {"A": "2", "C": "1"}
    kube_set.settled(after)


def test_a_namespace_of_the_set_comes_and_goes_with_it(kube_set: KubeSet, client: Client) -> None:
    space = f"{kube_set.namespace}-own"
    kube_set.will_go("v1", "Namespace", space)
    objects = [kube_set.config_map("a", A="1"), {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}}]
    assert kube_set.ok(objects, namespace=space, check=True)["summary"]["created"] == 2
    assert kube_set.ok(objects, namespace=space)["summary"]["created"] == 2
    kube_set.settled(objects, namespace=space)
    assert kube_set.ok([], namespace=space, state="absent")["summary"]["pruned"] == 2
    assert client.get("v1", "Namespace", None, space) is None
    # Once more, before all traces are gone.
    assert kube_set.ok(objects, namespace=space, wait=False)["summary"]["created"] == 2
    kube_set.ok([], namespace=space, state="absent", wait=False)
    assert kube_set.ok(objects, namespace=space)["summary"]["created"] == 2


def test_a_kind_that_comes_with_the_set(kube_set: KubeSet, client: Client) -> None:
    group = f"{kube_set.namespace}.example.com"
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"widgets.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": "Widget", "plural": "widgets"},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {
                        "openAPIV3Schema": {
                            "type": "object",
                            "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}},
                        }
                    },
                }
            ],
        },
    }
    kube_set.will_go("apiextensions.k8s.io/v1", "CustomResourceDefinition", f"widgets.{group}")
    widget = {"apiVersion": f"{group}/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"size": 1}}
    objects = [widget, definition]
    assert kube_set.ok(objects, check=True)["summary"]["created"] == 2
    assert kube_set.ok(objects)["summary"]["created"] == 2
    kube_set.settled(objects)
    typo = {**widget, "spec": {"size": 2, "colour": "red"}}
    assert "spec.colour: " in kube_set.failing([typo, definition])["msg"]
    ready = [{"kind": "Widget", "type": "Ready"}]
    result = kube_set.failing(objects, conditions=ready, wait_timeout=3)
    assert result["problems"][0]["kind"] == "Widget"
    assert kube_set.ok([], state="absent")["summary"]["pruned"] == 2
    assert client.get("apiextensions.k8s.io/v1", "CustomResourceDefinition", None, f"widgets.{group}") is None


def test_what_is_being_deleted_is_made_anew(kube_set: KubeSet) -> None:
    held = {"metadata": {"finalizers": ["example.com/held"]}}
    kube_set.create("v1", "ConfigMap", "a", kube_set.namespace, **held)
    kube_set.client.delete("v1", "ConfigMap", kube_set.namespace, "a")
    process = kube_set.start([kube_set.config_map("a", A="1")], wait_timeout=2)
    assert "is being deleted and does not come to its end; it waits for example.com/held" in process.communicate()[0]
    process = kube_set.start([kube_set.config_map("a", A="1")])
    path = kube_set.client.path("v1", "ConfigMap", kube_set.namespace, "a")
    kube_set.client.request(
        "PATCH", path, {"metadata": {"finalizers": None}}, content_type="application/merge-patch+json"
    )
    assert '"action": "created"' in process.communicate()[0]
    assert kube_set.data("a") == {"A": "1"}
