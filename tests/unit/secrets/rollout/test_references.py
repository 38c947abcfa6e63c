# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""How a workload is made to name other Secrets."""

from __future__ import annotations

import copy
from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.secrets.rollout.references import (
    Patch,
    names_any,
    next_patch,
    references,
    replaced_names,
)

NAMES = {"a-1": "a-3", "a-2": "a-3", "b-1": "b-2"}
POD: dict[str, Any] = {
    "imagePullSecrets": [{"name": "pull"}, {"name": "b-1"}],
    "initContainers": [
        {"name": "first", "envFrom": [{"secretRef": {"name": "a-1"}}, {"configMapRef": {"name": "a-1"}}]}
    ],
    "containers": [
        {
            "name": "main",
            "env": [
                {"name": "PLAIN", "value": "a-1"},
                {"name": "A", "valueFrom": {"secretKeyRef": {"name": "a-2", "key": "A"}}},
            ],
        }
    ],
    "volumes": [
        {"name": "a-1", "secret": {"secretName": "a-1"}},
        {"name": "b", "projected": {"sources": [{"secret": {"name": "b-1"}}, {"configMap": {"name": "b-1"}}]}},
        {"name": "c", "csi": {"driver": "d", "nodePublishSecretRef": {"name": "b-1"}}},
    ],
}
FOUND = {
    "imagePullSecrets/0/name": "pull",
    "imagePullSecrets/1/name": "b-1",
    "initContainers/0/envFrom/0/secretRef/name": "a-1",
    "containers/0/env/1/valueFrom/secretKeyRef/name": "a-2",
    "volumes/0/secret/secretName": "a-1",
    "volumes/1/projected/sources/0/secret/name": "b-1",
    "volumes/2/csi/nodePublishSecretRef/name": "b-1",
}


def workload(*managers: dict[str, Any], **spec: Any) -> dict[str, Any]:
    metadata = {"name": "app", "namespace": "shop", "resourceVersion": "7", "managedFields": list(managers)}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {"template": {"spec": copy.deepcopy(spec or POD)}},
    }


def manager(name: str, operation: str, fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    nodes = {"f:spec": {"f:template": {"f:spec": fields}}}
    return {"manager": name, "operation": operation, "apiVersion": "apps/v1", "fieldsV1": nodes, **more}


def test_all_places_of_secrets_and_no_others_are_found() -> None:
    found = {"/".join(map(str, path[3:])): name for path, name in references(workload())}
    assert found == FOUND


def test_one_without_a_former_name_needs_no_patch() -> None:
    assert next_patch(workload(imagePullSecrets=[{"name": "pull"}]), NAMES) is None
    assert next_patch({"metadata": {}, "spec": {}}, NAMES) is None


def test_without_an_owner_each_place_is_tested_and_replaced() -> None:
    patch = next_patch(workload(volumes=POD["volumes"][:1]), NAMES)
    place = "/spec/template/spec/volumes/0/secret/secretName"
    assert patch == Patch(
        "bunops-platform",
        "application/json-patch+json",
        [{"op": "test", "path": place, "value": "a-1"}, {"op": "replace", "path": place, "value": "a-3"}],
    )


def test_all_places_are_replaced_at_once() -> None:
    patch = next_patch(workload(), NAMES)
    assert patch
    replaced = {each["path"]: each["value"] for each in patch.body if each["op"] == "replace"}
    assert replaced == {f"/spec/template/spec/{path}": NAMES[name] for path, name in FOUND.items() if name in NAMES}


def test_a_patch_goes_out_in_the_name_of_who_wrote_the_names() -> None:
    others = manager("kubectl-scale", "Update", {"f:schedulerName": {}})
    status = manager("kubelet", "Update", {"f:volumes": {}}, subresource="status")
    patch = next_patch(workload(others, status, manager("helm", "Update", {"f:volumes": {}})), NAMES)
    assert patch
    assert patch.manager == "helm"


def test_who_applied_the_names_applies_all_that_it_owns_again() -> None:
    fields: dict[str, Any] = {
        "f:volumes": {'k:{"name":"a-1"}': {".": {}, "f:name": {}, "f:secret": {"f:secretName": {}}}}
    }
    patch = next_patch(workload(manager("argocd", "Apply", fields)), NAMES)
    assert patch == Patch(
        "argocd",
        "application/apply-patch+yaml",
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "app", "namespace": "shop", "resourceVersion": "7"},
            "spec": {"template": {"spec": {"volumes": [{"name": "a-1", "secret": {"secretName": "a-3"}}]}}},
        },
    )


def test_a_copy_is_changed() -> None:
    item = workload(manager("argocd", "Apply", {"f:volumes": {}}))
    before = copy.deepcopy(item)
    assert next_patch(item, NAMES)
    assert item == before


def test_the_way_back() -> None:
    assert replaced_names(workload(volumes=POD["volumes"]), NAMES) == {"a-3": "a-1", "b-2": "b-1"}
    assert names_any(workload(), {"a-2": "a-3"})
    assert not names_any(workload(), {"a-3": "a-1"})
