# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Which Secret objects of a namespace are named by anything there that runs, may run again, or can be gone back to."""

from __future__ import annotations

from typing import AbstractSet, Any, Iterator, Set, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.parallel import for_each

# apiVersion, kind, and its name in paths and Roles. Of ReplicaSets and ControllerRevisions the old ones, too:
# `kubectl rollout undo` goes back to them.
USERS: Tuple[Tuple[str, str, str], ...] = (
    ("v1", "Pod", "pods"),
    ("v1", "ReplicationController", "replicationcontrollers"),
    ("v1", "ServiceAccount", "serviceaccounts"),
    ("apps/v1", "ControllerRevision", "controllerrevisions"),
    ("apps/v1", "DaemonSet", "daemonsets"),
    ("apps/v1", "Deployment", "deployments"),
    ("apps/v1", "ReplicaSet", "replicasets"),
    ("apps/v1", "StatefulSet", "statefulsets"),
    ("batch/v1", "CronJob", "cronjobs"),
    ("batch/v1", "Job", "jobs"),
    ("networking.k8s.io/v1", "Ingress", "ingresses"),
)


def in_use(client: Client, namespace: str, names: AbstractSet[str], threads: int) -> Set[str]:
    """Those of the names that something mentions; one LIST a kind. Raises ClusterError."""

    def of_kind(kind: Tuple[str, str, str]) -> Set[str]:
        return {name for item in client.list(*kind[:2], namespace) for name in mentioned(item, names)}

    return set().union(*for_each(USERS, of_kind, threads))


def mentioned(value: Any, names: AbstractSet[str]) -> Iterator[str]:
    """Those of the names that stand as a whole text anywhere in an object.

    Not only where the API has references: a program may be told a name by an argument. What is kept for nothing goes
    later; what is removed too early breaks a pod.
    """
    if isinstance(value, str):
        if value in names:
            yield value
    elif isinstance(value, dict):
        for below in value.values():
            yield from mentioned(below, names)
    elif isinstance(value, list):
        for below in value:
            yield from mentioned(below, names)
