# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Pods that keep a StatefulSet from going on to another version.

Its controller waits until the pod that it replaced last is ready, also if that one never will be:
https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
"""

from __future__ import annotations

import time
from typing import Any, Dict, Mapping

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.plain import controller_uid, holds
from ansible_collections.bunops.platform.plugins.module_utils.secrets.rollout.references import names_any

Json = Dict[str, Any]

# Seconds for the controller to see that the template has changed; until then it makes the same pods again.
_PATIENCE = 15.0
_INTERVAL = 0.2


def remove_stuck_pods(client: Client, workload: Json, names: Mapping[str, str]) -> None:
    """Of a StatefulSet: delete the pods that still name one of these Secrets and are not ready. Raises ClusterError."""
    metadata = workload["metadata"]
    if workload["kind"] != "StatefulSet" or not _replaces_all(workload):
        return
    _await_controller(client, workload)
    for pod in client.list("v1", "Pod", metadata["namespace"]):
        uses = names_any({"spec": {"template": pod}}, names)
        if uses and controller_uid(pod) == metadata["uid"] and not holds(pod, "Ready"):
            _delete(client, pod)


def _replaces_all(stateful_set: Json) -> bool:
    """Whether its controller replaces all pods by itself; else people decide about each."""
    strategy = stateful_set["spec"].get("updateStrategy") or {}
    return strategy.get("type") != "OnDelete" and not (strategy.get("rollingUpdate") or {}).get("partition")


def _await_controller(client: Client, stateful_set: Json) -> None:
    metadata = stateful_set["metadata"]
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        field = "metadata.name=%s" % metadata["name"]
        live = next(client.list("apps/v1", "StatefulSet", metadata["namespace"], None, field), None)
        if live is None or (live.get("status") or {}).get("observedGeneration", 0) >= metadata["generation"]:
            return
        time.sleep(_INTERVAL)


def _delete(client: Client, pod: Json) -> None:
    metadata = pod["metadata"]
    path = client.path("v1", "Pod", metadata["namespace"], metadata["name"])
    try:
        client.request("DELETE", path, {"preconditions": {"uid": metadata["uid"]}})
    except ApiError as error:
        if error.status not in (404, 409):
            raise
