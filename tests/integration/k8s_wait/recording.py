# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What the API has of a case, as a file for the unit tests: tests/unit/cluster/readiness/recorded/<version>/.

BUNOPS_RECORD=<folder> pytest tests/integration/k8s_wait/test_cases.py
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError
from ansible_collections.bunops.platform.tests.integration.k8s_wait.cases import Case

_KINDS = (
    ("v1", "ConfigMap"),
    ("v1", "Event"),
    ("v1", "PersistentVolumeClaim"),
    ("v1", "Pod"),
    ("v1", "Secret"),
    ("v1", "Service"),
    ("apps/v1", "ControllerRevision"),
    ("apps/v1", "DaemonSet"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "ReplicaSet"),
    ("apps/v1", "StatefulSet"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("batch/v1", "Job"),
    ("policy/v1", "PodDisruptionBudget"),
)
# Where a kubelet keeps its profiles.
_KUBELET = re.compile(r"/[^\s\"\\]+/seccomp/")
# The volume with the service account's token.
_TOKEN = "kube-api-access-"


def snapshot(client: Client, case: Case) -> list[dict[str, Any]]:
    """All objects around a case, without what names the machine or is of no use to a reader."""
    found = [item for version, kind in _KINDS for item in client.list(version, kind, case.namespace)]
    found = [item for item in found if item["metadata"]["name"] != "kube-root-ca.crt"]
    for value in case.cluster_objects:
        live = client.get(value["apiVersion"], value["kind"], None, value["metadata"]["name"])
        found += [live] if live else []
    node = next(client.list("v1", "Node"))["metadata"]["name"]
    for item in found:
        _shorten(item)
    text = json.dumps(found).replace(json.dumps(node), '"node-1"').replace(case.namespace, "atlas")
    text = _KUBELET.sub("/var/lib/kubelet/seccomp/", text)
    result: list[dict[str, Any]] = json.loads(text)
    return result


def _shorten(value: dict[str, Any]) -> None:
    """Leave out what the API server adds to every object and pod and what says nothing here."""
    for key in ("managedFields", "resourceVersion", "selfLink"):
        value["metadata"].pop(key, None)
    if value["kind"] != "Pod":
        return
    spec = value["spec"]
    spec.pop("tolerations", None)
    spec["volumes"] = [item for item in spec.get("volumes", []) if not item["name"].startswith(_TOKEN)]
    for container in [*spec.get("initContainers", []), *spec["containers"]]:
        mounts = container.get("volumeMounts", [])
        container["volumeMounts"] = [item for item in mounts if not item["name"].startswith(_TOKEN)]
    for status in [item for key, items in value["status"].items() if key.endswith("Statuses") for item in items]:
        status.pop("volumeMounts", None)


def logs(client: Client, case: Case) -> dict[str, str]:
    """The log of each container's last end, by pod and container."""
    found = {}
    for pod in client.list("v1", "Pod", case.namespace):
        name = pod["metadata"]["name"]
        for container in [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]:
            for previous in ("true", "false"):
                query = {"container": container["name"], "previous": previous}
                try:
                    path = f"/api/v1/namespaces/{case.namespace}/pods/{name}/log"
                    found[f"{name}/{container['name']}/{previous}"] = client.text(path, query)
                except ApiError:
                    continue
    return found


def write(client: Client, case: Case, folder: Path, name: str) -> None:
    """One file, as readable as it can be."""
    document = {
        "targets": [[*target][:4] for target in case.targets],
        "objects": snapshot(client, case),
        "logs": logs(client, case),
    }
    text = json.dumps(document, indent=1, sort_keys=True).replace(case.namespace, "atlas")
    (folder / f"{name}.json").write_text(text + "\n")
