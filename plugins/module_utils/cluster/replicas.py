# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Who owns a workload's number of replicas, and what becomes of it when nobody gives one any more. Pure.

A field goes back to its default, here 1, when its last owner leaves it out; a field that nobody owns stays.
https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping

from ansible_collections.bunops.platform.plugins.module_utils.cluster.fields import children, managed, minus

Json = Dict[str, Any]

# The field manager that holds a number while it passes from who gives a fixed one to an autoscaler.
HOLDER = "bunops-scaler"
_WORKLOADS = ("Deployment", "ReplicaSet", "StatefulSet")
_REPLICAS: Json = {"f:spec": {"f:replicas": {}}}


def owners(live: Mapping[str, Any]) -> List[Json]:
    """The entries of metadata.managedFields that own spec.replicas."""
    return [entry for entry in managed(live) if "f:replicas" in ((entry.get("fieldsV1") or {}).get("f:spec") or {})]


def with_present_number(body: Json, live: Mapping[str, Any], manager: str, holder: str = "") -> Json:
    """A workload as its manager applies it: a number that it alone has given and now leaves out stays as it is.

    So an autoscaler that gets the workload afterwards finds it as it was, and not with 1 replica. With a holder, also
    if that one owns the number as well: it may be left out then, but need not be.
    """
    spec = body.get("spec") or {}
    if body["kind"] not in _WORKLOADS or not body["apiVersion"].startswith("apps/") or "replicas" in spec:
        return body
    found = {(entry.get("manager"), entry.get("operation")) for entry in owners(live)}
    if found - {(holder, "Apply")} != {(manager, "Apply")}:
        return body
    return {**body, "spec": {**spec, "replicas": live["spec"]["replicas"]}}


def disowned(live: Mapping[str, Any], by: Callable[[Json], bool]) -> List[Json]:
    """metadata.managedFields without the number of replicas in the entries for which by() says so."""
    entries = []
    for entry in managed(live):
        if by(entry):
            fields = minus(entry.get("fieldsV1") or {}, _REPLICAS)
            if not children(fields):
                continue
            entry = {**entry, "fieldsV1": fields}
        entries.append(entry)
    return entries
