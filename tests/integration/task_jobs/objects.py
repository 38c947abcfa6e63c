# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What the example worker finds in a cluster: its rights, and templates of tasks."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]

WORKER = "worker"
# All that the worker needs, and nothing that it does not.
RULES = [
    {
        "apiGroups": ["batch"],
        "resources": ["cronjobs"],
        "resourceNames": ["task", "missing-image", "unschedulable", "absent"],
        "verbs": ["get"],
    },
    {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create", "get", "list", "delete"]},
    {"apiGroups": [""], "resources": ["pods"], "verbs": ["list", "watch"]},
    {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]},
]


def namespace(name: str) -> Object:
    """A namespace with Pod Security `restricted`."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def account(place: str) -> Object:
    """The worker's service account."""
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": WORKER, "namespace": place}}


def rights(tasks: str, platform: str) -> list[Object]:
    """What the worker of the namespace `platform` may do in the namespace `tasks`."""
    metadata = {"name": WORKER, "namespace": tasks}
    group = "rbac.authorization.k8s.io"
    return [
        {"apiVersion": f"{group}/v1", "kind": "Role", "metadata": metadata, "rules": RULES},
        {
            "apiVersion": f"{group}/v1",
            "kind": "RoleBinding",
            "metadata": metadata,
            "roleRef": {"apiGroup": group, "kind": "Role", "name": WORKER},
            "subjects": [{"kind": "ServiceAccount", "name": WORKER, "namespace": platform}],
        },
    ]


def full(place: str) -> Object:
    """A quota that allows no Job."""
    spec = {"hard": {"count/jobs.batch": "0"}}
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "tasks", "namespace": place},
        "spec": spec,
    }


def template(name: str, place: str, image: str, **pod: Any) -> Object:
    """A task that runs its first argument in a shell; `pod` adds to the pod's spec."""
    container = {
        "name": "task",
        "image": image,
        "command": ["sh", "-c", 'eval "$1"', "task"],
        "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"cpu": "1", "memory": "64Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    spec = {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 1,
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 1000,
            "runAsGroup": 1000,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        **pod,
    }
    job = {
        "backoffLimit": 0,
        "activeDeadlineSeconds": 120,
        "ttlSecondsAfterFinished": 60,
        "template": {"spec": spec},
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name, "namespace": place},
        "spec": {"schedule": "0 0 1 1 *", "suspend": True, "jobTemplate": {"spec": job}},
    }
