# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The namespaces of a platform, and what Kubernetes lets into them."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.platform import Platform
from .cluster import Cluster
from .parts import Object, platform_part
from .tasks import runs_tasks

# What is enforced is pinned, so that an upgrade of the cluster stops nothing that runs; what a
# newer version would refuse is told as a warning. Older clusters take their own newest version.
_ENFORCED_VERSION = "v1.37"


def namespaces(platform: Platform, cluster: Cluster) -> Iterator[Object]:
    """https://kubernetes.io/docs/concepts/security/pod-security-admission/"""
    holds_socket = platform.docker == "socket"
    yield _namespace(platform, cluster, cluster.namespace, "privileged" if holds_socket else "restricted")
    if runs_tasks(platform):
        yield _namespace(platform, cluster, cluster.tasks_namespace, "restricted")


def _namespace(platform: Platform, cluster: Cluster, name: str, enforced: str) -> Object:
    levels = {
        "enforce": enforced,
        "enforce-version": _ENFORCED_VERSION,
        "audit": "restricted",
        "audit-version": "latest",
        "warn": "restricted",
        "warn-version": "latest",
    }
    labels = {f"pod-security.kubernetes.io/{key}": value for key, value in levels.items()}
    own = platform_part(platform, cluster, name).labels
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {**own, **labels}}}
