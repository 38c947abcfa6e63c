# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The observed state: one pass over the engine, read through its API.

Shapes: https://docs.docker.com/reference/api/engine/version/v1.45/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Mapping, Optional, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.compose.model import (
    NUMBER_LABEL,
    ONEOFF_LABEL,
    PROJECT_LABEL,
    SERVICE_LABEL,
    TASK_LABEL,
    Container,
    Neighbour,
    Observed,
    ObservedNetwork,
    ObservedVolume,
    Port,
    bound_address,
)

if TYPE_CHECKING:
    from docker import DockerClient

Document = Mapping[str, Any]


def observe(engine: DockerClient, project: str, images: Iterable[str]) -> Observed:
    """Everything of the project, what could be in its way, and the ids of the images it wants."""
    summaries = engine.api.containers(all=True)
    own = [item for item in summaries if _labels(item).get(PROJECT_LABEL) == project]
    return Observed(
        containers=tuple(inspect_all(engine, [item["Id"] for item in own])),
        networks=tuple(parse_network(item) for item in engine.api.networks()),
        volumes=tuple(parse_volume(item) for item in engine.api.volumes().get("Volumes") or []),
        images=image_ids(engine, images),
        neighbours=tuple(parse_neighbour(item) for item in summaries if item not in own),
    )


def inspect_all(engine: DockerClient, ids: Iterable[str]) -> List[Container]:
    """Containers by id; one that was removed meanwhile is left out."""
    from docker.errors import NotFound

    found = []
    for container_id in ids:
        try:
            found.append(parse_container(engine.api.inspect_container(container_id)))
        except NotFound:
            continue
    return found


def project_ids(engine: DockerClient, project: str) -> List[str]:
    """Ids of all containers of the project."""
    found = engine.api.containers(all=True, filters={"label": f"{PROJECT_LABEL}={project}"})
    return [str(item["Id"]) for item in found]


def image_ids(engine: DockerClient, references: Iterable[str]) -> Dict[str, str]:
    """Id per image reference; images that are not there are left out."""
    from docker.errors import NotFound

    found = {}
    for reference in sorted(set(references)):
        try:
            found[reference] = str(engine.images.get(reference).id)
        except NotFound:
            continue
    return found


def parse_container(document: Document) -> Container:
    """A container from the engine's inspect document."""
    state, config, host = document["State"], document["Config"], document["HostConfig"]
    labels = config.get("Labels") or {}
    health = state.get("Health") or {}
    networks = (document.get("NetworkSettings") or {}).get("Networks") or {}
    return Container(
        id=document["Id"],
        name=document["Name"].lstrip("/"),
        service=labels.get(SERVICE_LABEL, ""),
        number=_number(labels.get(NUMBER_LABEL)),
        oneoff=labels.get(ONEOFF_LABEL) == "True",
        image_id=document["Image"],
        image=config.get("Image") or "",
        status=state["Status"],
        exit_code=int(state.get("ExitCode") or 0),
        oom_killed=bool(state.get("OOMKilled")),
        error=state.get("Error") or "",
        health=health.get("Status") or "",
        restart_count=int(document.get("RestartCount") or 0),
        restart_policy=(host.get("RestartPolicy") or {}).get("Name") or "no",
        started_at=state.get("StartedAt") or "",
        finished_at=state.get("FinishedAt") or "",
        labels=labels,
        networks={name: item.get("NetworkID") or "" for name, item in networks.items()},
        volumes=tuple(
            item["Name"] for item in document.get("Mounts") or [] if item.get("Type") == "volume" and item.get("Name")
        ),
        ports=_bound_ports((document.get("NetworkSettings") or {}).get("Ports") or {}),
        environment=tuple(config.get("Env") or ()),
        health_log=tuple(health.get("Log") or ()),
        stop_timeout=int(config.get("StopTimeout") or 10),
    )


def parse_network(document: Document) -> ObservedNetwork:
    """A network from the engine's list."""
    ipam = document.get("IPAM") or {}
    return ObservedNetwork(
        id=document["Id"],
        name=document["Name"],
        labels=document.get("Labels") or {},
        driver=document.get("Driver") or "",
        internal=bool(document.get("Internal")),
        attachable=bool(document.get("Attachable")),
        ipv6=bool(document.get("EnableIPv6")),
        options=document.get("Options") or {},
        ipam_driver=ipam.get("Driver") or "default",
        subnets=tuple(ipam.get("Config") or ()),
    )


def parse_volume(document: Document) -> ObservedVolume:
    """A volume from the engine's list."""
    return ObservedVolume(
        name=document["Name"],
        labels=document.get("Labels") or {},
        driver=document.get("Driver") or "",
        options=document.get("Options") or {},
    )


def parse_neighbour(summary: Document) -> Neighbour:
    """A container of somebody else, from the engine's list."""
    labels = _labels(summary)
    names = summary.get("Names") or [summary["Id"][:12]]
    return Neighbour(
        name=str(names[0]).lstrip("/"),
        project=labels.get(PROJECT_LABEL, ""),
        ports=tuple(
            Port(
                bound_address(item.get("IP")),
                int(item["PublicPort"]),
                int(item["PrivatePort"]),
                item.get("Type") or "tcp",
            )
            for item in summary.get("Ports") or []
            if item.get("PublicPort")
        ),
        task_of=labels.get(TASK_LABEL, ""),
        id=str(summary["Id"]),
    )


def _bound_ports(bindings: Mapping[str, Optional[List[Mapping[str, str]]]]) -> Tuple[Port, ...]:
    found = set()
    for inner, outer in bindings.items():
        number, _, protocol = inner.partition("/")
        for binding in outer or []:
            found.add(
                Port(bound_address(binding.get("HostIp")), int(binding["HostPort"]), int(number), protocol or "tcp")
            )
    return tuple(sorted(found, key=lambda port: (port.container_port, port.host_port, port.host_ip)))


def _labels(summary: Document) -> Mapping[str, str]:
    return summary.get("Labels") or {}


def _number(value: Optional[str]) -> int:
    return int(value) if value and value.isdigit() else 0
