# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Observed states for unit tests: made from a definition, or from what a real engine answered once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.compose.definition import parse_project
from ansible_collections.bunops.platform.plugins.module_utils.compose.model import (
    DEFINITION_LABEL,
    PROJECT_LABEL,
    Container,
    Neighbour,
    Observed,
    ObservedNetwork,
    ObservedVolume,
    Port,
    Project,
    Service,
)
from ansible_collections.bunops.platform.plugins.module_utils.compose.observe import parse_container

HERE = Path(__file__).parent


def recorded(name: str) -> Container:
    """A container as Engine 26.1 described it."""
    return parse_container(json.loads((HERE / "recorded/engine-26.1" / f"{name}.json").read_text()))


def project_of(document: dict[str, Any]) -> Project:
    """A project from a short form of what `docker compose config` prints: names and the default network added."""
    services = {
        name: {
            "image": f"atlas/{name}:local",
            **service,
            **({} if "network_mode" in service else {"networks": service.get("networks", {"default": None})}),
        }
        for name, service in document.get("services", {}).items()
    }
    networks = {"default": {}, **document.get("networks", {})}
    return parse_project(
        {
            "name": "atlas",
            "services": services,
            "networks": {key: {"name": f"atlas_{key}", **item} for key, item in networks.items()},
            "volumes": {key: {"name": f"atlas_{key}", **item} for key, item in document.get("volumes", {}).items()},
            "configs": document.get("configs", {}),
            "secrets": document.get("secrets", {}),
        },
        lambda item: item.get("content"),
    )


def observed_of(project: Project, **changes: Any) -> Observed:
    """The state after a successful run of the project.

    containers: changes by name ("api-1": {"status": "exited"}), None for one that is gone, a full entry for one more.
    networks, volumes: names (without the project) that are gone. images: ids that differ. neighbours: as they are.
    """
    networks = tuple(_network(project, key) for key in project.networks if key not in changes.get("networks", ()))
    containers = []
    overrides = dict(changes.get("containers") or {})
    for name, service in project.services.items():
        for number in range(1, service.scale + 1):
            change = overrides.pop(f"{name}-{number}", {})
            if change is not None:
                containers.append(replace(_container(project, service, number), **change))
    for name, change in overrides.items():
        service_name, _, number = name.rpartition("-")
        service = project.services.get(service_name) or Service(service_name, "old", 1, {})
        containers.append(replace(_container(project, service, int(number)), **(change or {})))
    images = {service.image: f"sha256:{service.image}" for service in project.services.values()}
    images.update(changes.get("images") or {})
    return Observed(
        containers=tuple(containers),
        networks=networks,
        volumes=tuple(
            ObservedVolume(
                volume.name,
                {PROJECT_LABEL: project.name},
                "local",
                {key: str(value) for key, value in (volume.settings.get("driver_opts") or {}).items()},
            )
            for key, volume in project.volumes.items()
            if key not in changes.get("volumes", ())
        ),
        images={key: value for key, value in images.items() if value},
        neighbours=tuple(
            Neighbour(
                item["name"],
                item.get("project", ""),
                tuple(Port(*port) for port in item.get("ports", ())),
                item.get("task_of", ""),
                item["name"],
            )
            for item in changes.get("neighbours") or ()
        ),
    )


def _network(project: Project, key: str) -> ObservedNetwork:
    network = project.networks[key]
    return ObservedNetwork(
        id=f"id-of-{key}",
        name=network.name,
        labels={PROJECT_LABEL: project.name},
        driver="bridge",
        internal=bool(network.settings.get("internal")),
        attachable=False,
        ipv6=False,
        options=network.settings.get("driver_opts") or {},
        ipam_driver="default",
        subnets=(),
    )


def _container(project: Project, service: Service, number: int) -> Container:
    return Container(
        id=f"{service.name}-{number}",
        name=f"atlas-{service.name}-{number}",
        service=service.name,
        number=number,
        oneoff=False,
        image_id=f"sha256:{service.image}",
        image=service.image,
        status="running",
        exit_code=0,
        oom_killed=False,
        error="",
        health="healthy" if "healthcheck" in service.settings else "",
        restart_count=0,
        restart_policy=service.restart,
        started_at="2026-11-01T10:00:00Z",
        finished_at="",
        labels={PROJECT_LABEL: project.name, DEFINITION_LABEL: service.definition},
        networks={project.networks[key].name: f"id-of-{key}" for key in service.networks},
        volumes=tuple(project.volumes[key].name for key in service.volumes),
        ports=service.ports,
        environment=(),
        health_log=(),
    )
