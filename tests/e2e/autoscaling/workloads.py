# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Deployments and Services of the tests, which Pod Security `restricted` admits. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.bunops.platform.tests.integration.cluster.kubectl import pod_spec

Object = dict[str, Any]
LEAST = {"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}}


def deployment(
    name: str,
    image: str,
    command: tuple[str, ...] = (),
    *,
    mounts: Mapping[str, Object] | None = None,
    environment: Mapping[str, str] | None = None,
    probe: Object | None = None,
    replicas: int | None = 1,
    grace: int = 5,
) -> Object:
    """One of pods with one container.

    command: none for the image's. mounts: volumes by the folder that each is; /tmp is there. replicas: None leaves the
    number to whoever scales it. grace: seconds that a pod has to end.
    """
    volumes = {"/tmp": {"emptyDir": {}}, **(mounts or {})}
    container = {
        "env": [{"name": key, "value": value} for key, value in (environment or {}).items()],
        "volumeMounts": [{"name": _named(folder), "mountPath": folder} for folder in volumes],
        "resources": LEAST,
        "readinessProbe": probe,
    }
    pod = pod_spec(image, *command, **container)
    pod["terminationGracePeriodSeconds"] = grace
    pod["volumes"] = [{"name": _named(folder), **source} for folder, source in volumes.items()]
    if not command:
        del pod["containers"][0]["command"]
    spec = {
        "selector": {"matchLabels": {"app": name}},
        "template": {"metadata": {"labels": {"app": name}}, "spec": pod},
    }
    number = {} if replicas is None else {"replicas": replicas}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": {**number, **spec}}


def service(name: str, port: int, *, app: str | None = None, **spec: Any) -> Object:
    """One of the pods of a Deployment, by default of the same name."""
    whole = {"selector": {"app": app or name}, "ports": [{"port": port}], **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": whole}


def config_map(name: str, files: Mapping[str, str]) -> Object:
    """Files to mount."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": dict(files)}


def answers_http(path: str, port: int) -> Object:
    """A probe every second."""
    return {"httpGet": {"path": path, "port": port}, "periodSeconds": 1}


def answers_tcp(port: int) -> Object:
    """A probe every second."""
    return {"tcpSocket": {"port": port}, "periodSeconds": 1}


def _named(folder: str) -> str:
    return folder.strip("/").replace("/", "-")
