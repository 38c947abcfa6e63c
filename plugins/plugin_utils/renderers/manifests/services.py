# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A service: its pods, its address, and how many of them may be away."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from ...model.injection import service_variables
from ...model.platform import Platform
from ...model.scaling import Scaling
from ...model.services import Service
from ..edge.on_cluster import edge_annotations
from ..names import files_read
from .cluster import Cluster
from .parts import Object, Part, literal, part_of
from .pods import container, identity, image_of, pod, service_account, variables
from .probes import probes
from .volumes import Volume, docker_socket, secret_files, service_scratch

# Services call each other at http:// addresses.
PORT = "http"
METRICS = "metrics"
# How long requests still arrive at a pod that is going: nodes hear of it one after the other.
_FAREWELL_SECONDS = 5
_OLD_REVISIONS = 3
_ENV_CHECKSUM = "bunops.platform/env-checksum"


def service_objects(platform: Platform, cluster: Cluster, name: str) -> list[Object]:
    part, service = part_of(platform, cluster, name), platform.services[name]
    objects = [service_account(part), disruption_budget(part), _deployment(platform, cluster, part, service)]
    if service.env:
        objects.append(env_map(part, service.env))
    if service.port is not None:
        annotations = edge_annotations(platform, cluster, name)
        objects.append(address(part, PORT, service.port, headless=service.headless, annotations=annotations))
    return objects


def env_map(part: Part, env: Mapping[str, str]) -> Object:
    """The catalog's own variables, where an operator would look for them."""
    return part.object("v1", "ConfigMap", {"data": dict(env)}, name=_env_map_name(part))


def env_from(part: Part, env: Mapping[str, str]) -> list[Object] | None:
    return [{"configMapRef": {"name": _env_map_name(part)}}] if env else None


def address(
    part: Part, port_name: str, port: int, *, headless: bool, annotations: Mapping[str, str] | None = None
) -> Object:
    ports = [{"name": port_name, "port": port, "protocol": "TCP", "targetPort": port_name}]
    spec = {"type": "ClusterIP", "ports": ports, "selector": part.selector}
    item = part.object("v1", "Service", {"spec": {**spec, "clusterIP": "None" if headless else None}})
    return {**item, "metadata": {**item["metadata"], "annotations": annotations}}


def disruption_budget(part: Part) -> Object:
    """One pod at a time may be taken from its node; one that does not work anyway holds no node up."""
    spec = {
        "maxUnavailable": 1,
        "selector": {"matchLabels": part.selector},
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    }
    return part.object("policy/v1", "PodDisruptionBudget", {"spec": spec})


def container_port(name: str, port: int) -> list[Object]:
    return [{"name": name, "containerPort": port, "protocol": "TCP"}]


def starts_jobs(platform: Platform, service: Service) -> bool:
    """Whether it starts its tasks as Jobs, not in the nodes' own Docker."""
    return bool(service.starts) and platform.docker == "guard"


def _deployment(platform: Platform, cluster: Cluster, part: Part, service: Service) -> Object:
    spec = {
        "replicas": _fixed_replicas(service),
        "revisionHistoryLimit": _OLD_REVISIONS,
        "selector": {"matchLabels": part.selector},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        "template": _template(platform, cluster, part, service),
    }
    return part.object("apps/v1", "Deployment", {"spec": spec})


def _fixed_replicas(service: Service) -> int | None:
    """Nothing where a scaler chooses within a range: writing a number would undo its choice."""
    replicas = service.replicas
    if isinstance(replicas, Scaling):
        return replicas.min if replicas.min == replicas.max else None
    return replicas


def _template(platform: Platform, cluster: Cluster, part: Part, service: Service) -> Object:
    uses_socket = bool(service.starts) and platform.docker == "socket"
    volumes = [service_scratch()]
    volumes += secret_files(cluster, files_read(platform, service), starts_jobs(platform, service))
    volumes += [docker_socket(cluster)] if uses_socket else []
    farewell = _FAREWELL_SECONDS if service.port else 0
    template = pod(
        part,
        _program(platform, cluster, part, volumes),
        volumes,
        securityContext=identity(groups=[cluster.docker_gid] if uses_socket else [], port=service.port),
        terminationGracePeriodSeconds=service.stop_after.seconds + farewell,
        topologySpreadConstraints=[_spread(part)],
    )
    if service.env:
        # A pod reads its variables when it starts: a change of them has to start it anew.
        template["metadata"]["annotations"] = {_ENV_CHECKSUM: _checksum(service.env)}
    return template


def _program(platform: Platform, cluster: Cluster, part: Part, volumes: Sequence[Volume]) -> Object:
    service = platform.services[part.name]
    given = service_variables(platform, part.name, cluster.tasks_namespace)
    return {
        **container(part, image_of(cluster, part.name, service.image), service.resources, volumes),
        **probes(service.health, PORT),
        "args": [literal(word) for word in service.command] if service.command else None,
        "env": variables({key: variable.value for key, variable in given.items()}),
        "envFrom": env_from(part, service.env),
        "lifecycle": {"preStop": {"sleep": {"seconds": _FAREWELL_SECONDS}}} if service.port else None,
        "ports": _ports(service) or None,
    }


def _ports(service: Service) -> list[Object]:
    named = {PORT: service.port, METRICS: service.metrics.port if service.metrics else None}
    return [entry for name, port in named.items() if port for entry in container_port(name, port)]


def _spread(part: Part) -> Object:
    return {
        "labelSelector": {"matchLabels": part.selector},
        # Counts the pods of one revision, or the old ones would push the new ones together.
        "matchLabelKeys": ["pod-template-hash"],
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
    }


def _env_map_name(part: Part) -> str:
    return f"{part.name}-env"


def _checksum(values: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(dict(values), sort_keys=True).encode()).hexdigest()[:16]
