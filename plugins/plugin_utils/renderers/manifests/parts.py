# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The parts of a platform as Kubernetes knows them: their names, namespaces and labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ...model.platform import Platform
from .cluster import Cluster

Object = dict[str, Any]
Component = Literal["platform", "service", "store", "task"]


@dataclass(frozen=True)
class Part:
    """A service, store or task, or the platform itself with what all of them share.

    instance: the platform's namespace, which tells two platforms of one name apart.
    """

    name: str
    component: Component
    namespace: str
    instance: str
    platform: str

    @property
    def labels(self) -> dict[str, str]:
        """https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/"""
        return {
            **self.selector,
            "app.kubernetes.io/component": self.component,
            "app.kubernetes.io/managed-by": "bunops-platform",
            "app.kubernetes.io/part-of": self.platform,
        }

    @property
    def selector(self) -> dict[str, str]:
        """The labels of its pods that never change: what selects them cannot be changed either."""
        return {"app.kubernetes.io/instance": self.instance, "app.kubernetes.io/name": self.name}

    def object(self, api_version: str, kind: str, body: Mapping[str, object], name: str | None = None) -> Object:
        """An object in its namespace; `name` where it is not called like the part."""
        metadata = {"name": name or self.name, "namespace": self.namespace, "labels": self.labels}
        return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **body}


def platform_part(platform: Platform, cluster: Cluster, namespace: str) -> Part:
    return Part(platform.name, "platform", namespace, cluster.namespace, platform.name)


def part_of(platform: Platform, cluster: Cluster, name: str) -> Part:
    """The service, store or task of this name."""
    if name in platform.tasks:
        return Part(name, "task", cluster.tasks_namespace, cluster.namespace, platform.name)
    component: Component = "service" if name in platform.services else "store"
    return Part(name, component, cluster.namespace, cluster.namespace, platform.name)


def finished(node: Any) -> Any:
    """A plain, sorted copy without keys that have no value: the API server keeps no nulls."""
    if isinstance(node, Mapping):
        return {key: finished(node[key]) for key in sorted(node) if node[key] is not None}
    if isinstance(node, (list, tuple)):
        return [finished(item) for item in node]
    return node


def literal(text: str) -> str:
    """Text in arguments, commands and variables, where `$(NAME)` would be expanded and `$$` is a dollar.

    https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container (command)
    """
    return text.replace("$", "$$")
