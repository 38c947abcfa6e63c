# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Short forms of what is wanted and of what is there, for the cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.bunops.platform.plugins.module_utils.scaler import spec
from ansible_collections.bunops.platform.plugins.module_utils.scaler.objects import AUTOSCALER, SCALED_OBJECT, labels
from ansible_collections.bunops.platform.plugins.module_utils.scaler.spec import Wanted, wanted_of
from ansible_collections.bunops.platform.plugins.module_utils.scaler.state import Depth, Measured, Observed, Serving
from ansible_collections.bunops.platform.tests.unit.cluster.support import discovery

HERE = Path(__file__).parent
Json = dict[str, Any]

MANAGER = "bunops-platform"
WORKER: Json = {"target": {"name": "worker"}, "namespace": "atlas", "max_replicas": 10}
QUEUE: Json = {"queue": {"store": "redis", "name": "fetch"}, "jobs_per_replica": 10}
_KEDA: Json = {
    "metadata": {"name": "keda.sh"},
    "versions": [
        {
            "version": "v1alpha1",
            "resources": [
                {
                    "resource": "scaledobjects",
                    "responseKind": {"kind": "ScaledObject"},
                    "scope": "Namespaced",
                    "verbs": ["create", "delete", "get", "list", "patch", "update"],
                    "subresources": [{"subresource": "status"}],
                }
            ],
        }
    ],
}


def cases(name: str) -> dict[str, Json]:
    """The cases of a file in cases/, by their names."""
    return {case["name"]: case for case in yaml.safe_load((HERE / "cases" / f"{name}.yml").read_text())}


def wanted(**options: Any) -> Wanted:
    """What the module makes of options, on top of a target in a namespace."""
    checked = ArgumentSpecValidator(spec.ARGUMENT_SPEC).validate({**WORKER, **options})
    assert not checked.error_messages, checked.error_messages
    return wanted_of(checked.validated_parameters, "default")


def observed(case: Json) -> Observed:
    """The state of a case; without a word on it all is well and KEDA is there."""
    found = {"keda": True, "target": {}, **case}
    depth = found.get("depth")
    return Observed(
        discovery(*([_KEDA] if found["keda"] else [])),
        None if found["target"] is None else workload(**found["target"]),
        [scaled_object(**entry) for entry in found.get("scaled_objects", [])],
        [autoscaler(**entry) for entry in found.get("autoscalers", [])],
        Serving(**found.get("external", {})),
        Serving(**found.get("resource", {"by": "kube-system/metrics-server"})),
        found.get("cpu_by_default", False),
        Depth(depth.pop("exists", True), depth.pop("demand"), depth) if depth else None,
        found.get("depth_problem", ""),
        Measured(**found.get("metric", {})),
    )


def workload(
    kind: str = "Deployment",
    replicas: int = 3,
    owners: list[str] | None = None,
    grace: int = 30,
    cpu: str = "requests",
    pod: Json | None = None,
) -> Json:
    """A target. owners: of spec.replicas, as "manager Operation [subresource]"; cpu: "requests", "limits" or "none"."""
    resources = {} if cpu == "none" else {cpu: {"cpu": "100m"}}
    containers = [{"name": "main", "image": "x", "resources": resources}]
    names = ("manager", "operation", "subresource")
    managed: list[Json] = [
        {**dict(zip(names, owner.split(), strict=False)), "fieldsV1": {"f:spec": {"f:replicas": {}}}}
        for owner in (["keda Update scale"] if owners is None else owners)
    ]
    template = {"spec": {"containers": containers, "terminationGracePeriodSeconds": grace, **(pod or {})}}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": "worker", "namespace": "atlas", "managedFields": managed},
        "spec": {"replicas": replicas, "template": template},
    }


def scaled_object(name: str, target: str = "Deployment/worker", scaler: str = "", **more: Any) -> Json:
    """A ScaledObject."""
    return _scaling(SCALED_OBJECT, name, target, scaler, more)


def autoscaler(name: str, target: str = "Deployment/worker", scaler: str = "", owner: str = "", **more: Any) -> Json:
    """An HPA. owner: name of the ScaledObject of which KEDA has made it."""
    item = _scaling(AUTOSCALER, name, target, scaler, more)
    if owner:
        item["metadata"]["ownerReferences"] = [{"kind": "ScaledObject", "name": owner, "uid": f"uid-{owner}"}]
    return item


def _scaling(kind: tuple[str, str], name: str, target: str, scaler: str, more: Json) -> Json:
    of, _slash, called = target.partition("/")
    metadata: Json = {"name": name, "namespace": "atlas", "uid": f"uid-{name}", **more}
    if scaler:
        metadata["labels"] = labels(scaler)
    return {
        "apiVersion": kind[0],
        "kind": kind[1],
        "metadata": metadata,
        "spec": {"scaleTargetRef": {"kind": of, "name": called}},
    }


def applied(body: Json, **spec_edits: Any) -> Json:
    """An object as it is after it was applied by us, and then changed by others."""
    owned = {"metadata": {"labels": body["metadata"]["labels"]}, "spec": body["spec"]}
    entry = {
        "manager": MANAGER,
        "operation": "Apply",
        "apiVersion": body["apiVersion"],
        "fieldsV1": _fields(owned),
    }
    metadata = {**body["metadata"], "uid": "uid-worker", "resourceVersion": "1", "managedFields": [entry]}
    return {**body, "metadata": metadata, "spec": {**body["spec"], **spec_edits}}


def _fields(value: Any) -> Json:
    return {f"f:{key}": _fields(below) for key, below in value.items()} if isinstance(value, dict) else {}
