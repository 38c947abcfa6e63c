# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The catalog as objects of Kubernetes: https://kubernetes.io/docs/reference/kubernetes-api/"""

from __future__ import annotations

from collections.abc import Iterator

from ...model.errors import CatalogError
from ...model.platform import Platform
from ..edge.on_cluster import edge_objects
from ..meter import with_meter
from ..names import local_stores
from .cluster import Cluster
from .monitoring import monitoring_objects
from .namespaces import namespaces
from .network import network_policies
from .parts import Object, finished
from .refusals import refusals
from .services import service_objects
from .stores import store_objects
from .tasks import runs_tasks, task_objects

# What others refer to comes first, for people who read the list or apply it one by one.
_ORDER = (
    "Namespace", "ResourceQuota", "NetworkPolicy", "ServiceAccount", "Role", "RoleBinding", "ConfigMap", "Service",
    "StatefulSet", "Deployment", "CronJob", "PodDisruptionBudget", "Certificate", "Gateway", "ClientTrafficPolicy",
    "HTTPRoute", "BackendTrafficPolicy", "SecurityPolicy", "TLSOption", "Middleware", "ServersTransport", "Ingress",
    "PodMonitor", "PrometheusRule",
)  # fmt: skip


def manifests(platform: Platform, cluster: Cluster) -> list[Object]:
    """All objects, sorted by kind, namespace and name; the Secrets that they name are made by secret_sync.

    Each is in the form that the API server keeps. Raises CatalogError for what Kubernetes cannot do.
    """
    platform = with_meter(platform)
    problems = refusals(platform, cluster)
    if problems:
        raise CatalogError(problems)
    objects: list[Object] = finished(list(_objects(platform, cluster)))
    return sorted(objects, key=_place)


def _objects(platform: Platform, cluster: Cluster) -> Iterator[Object]:
    yield from namespaces(platform, cluster)
    yield from network_policies(platform, cluster)
    for name in platform.services:
        yield from service_objects(platform, cluster, name)
    for name, store in local_stores(platform).items():
        yield from store_objects(platform, cluster, name, store)
    if runs_tasks(platform):
        yield from task_objects(platform, cluster)
    yield from edge_objects(platform, cluster)
    yield from monitoring_objects(platform, cluster)


def _place(item: Object) -> tuple[int, str, str]:
    metadata = item["metadata"]
    return _ORDER.index(item["kind"]), metadata.get("namespace", ""), metadata["name"]
