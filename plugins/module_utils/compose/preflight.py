# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What can be known to fail before anything is changed: missing images, taken ports and names."""

from __future__ import annotations

import errno
import socket
from typing import Callable, Iterable, List, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.compose.model import (
    PROJECT_LABEL,
    Container,
    Observed,
    Port,
    Project,
    Service,
    bound_address,
)
from ansible_collections.bunops.platform.plugins.module_utils.compose.operations import Plan

# Whether this host lets a port be used: None if so, else the reason as an errno.
PortProbe = Callable[[Port], Optional[int]]


def obstacles(project: Project, observed: Observed, plan: Plan, probe: Optional[PortProbe]) -> List[str]:
    """Sentences, one per thing in the way of the plan; empty when nothing is.

    probe: how to ask the host for a port (None when the engine runs on another host).
    """
    changed = [
        project.services[name]
        for name in plan.names("create", "recreate", "start", "restart", "unpause")
        if name in project.services
    ]
    return [
        *_missing_images(changed, observed),
        *_taken_names(project, changed, observed),
        *_foreign_resources(project, changed, observed),
        *_taken_ports(changed, observed, plan, probe),
    ]


def probe_port(port: Port) -> Optional[int]:
    """Try to take a port of this host for a moment; the errno if that fails."""
    family = socket.AF_INET6 if ":" in port.host_ip else socket.AF_INET
    kind = socket.SOCK_DGRAM if port.protocol == "udp" else socket.SOCK_STREAM
    if port.protocol not in ("tcp", "udp"):
        return None
    try:
        with socket.socket(family, kind) as taken:
            if kind == socket.SOCK_STREAM:
                # Connections that are still closing do not keep a port; a listener does.
                taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind((port.host_ip, port.host_port))
    except OSError as error:
        return error.errno
    return None


def _missing_images(services: Sequence[Service], observed: Observed) -> Iterable[str]:
    for service in services:
        if service.image not in observed.images and not service.pullable:
            remedy = (
                "build it first"
                if service.built or service.pull_policy == "build"
                else ("build or load it first; it is not pulled, because pull_policy is never")
            )
            yield f"Service {service.name}: image {service.image} is not on this engine: {remedy}."


def _taken_names(project: Project, services: Sequence[Service], observed: Observed) -> Iterable[str]:
    for service in services:
        wanted = (
            {service.container_name}
            if service.container_name
            else {f"{project.name}-{service.name}-{number}" for number in range(1, service.scale + 1)}
        )
        for neighbour in observed.neighbours:
            if neighbour.name in wanted:
                yield (
                    f"Service {service.name}: the container name {neighbour.name} is taken by a container of "
                    f"{_owner(neighbour.project)}."
                )


def _foreign_resources(project: Project, services: Sequence[Service], observed: Observed) -> Iterable[str]:
    for key in sorted({key for service in services for key in service.networks} & set(project.networks)):
        network, actual = project.networks[key], observed.network(project.networks[key].name)
        if network.external and actual is None:
            yield f"Network {network.name} is external in the definition, but it does not exist."
        elif not network.external and actual and actual.labels.get(PROJECT_LABEL) != project.name:
            yield (
                f"The network name {network.name} is taken: that network belongs to "
                f"{_owner(actual.labels.get(PROJECT_LABEL, ''))}. Declare it external to share it."
            )
    for key in sorted({key for service in services for key in service.volumes} & set(project.volumes)):
        volume, held = project.volumes[key], observed.volume(project.volumes[key].name)
        owner = held.labels.get(PROJECT_LABEL, project.name) if held else project.name
        if volume.external and held is None:
            yield f"Volume {volume.name} is external in the definition, but it does not exist."
        elif not volume.external and owner != project.name:
            yield (
                f"The volume name {volume.name} is taken: that volume belongs to {_owner(owner)}. "
                "Declare it external to share it."
            )


def _taken_ports(
    services: Sequence[Service], observed: Observed, plan: Plan, probe: Optional[PortProbe]
) -> Iterable[str]:
    leaving = {
        container
        for operation in plan.operations
        if operation.kind in ("remove", "recreate")
        for container in operation.containers
    }
    kept = [item for item in observed.containers if item.running and item.id not in leaving]
    given_up = [port for item in observed.containers if item.id in leaving for port in item.ports]
    for service in services:
        own = {port for item in kept if item.service == service.name for port in item.ports}
        for port in service.ports:
            if any(overlap(port, other) for other in own):
                continue
            holder = _holder(port, service, observed, kept)
            if holder:
                yield f"Service {service.name}: {_spoken(port)} is taken by {holder}."
            elif probe and not any(overlap(port, other) for other in given_up):
                yield from _refused(service, port, probe(port))


def _holder(port: Port, service: Service, observed: Observed, kept: Sequence[Container]) -> str:
    for neighbour in observed.neighbours:
        if any(overlap(port, other) for other in neighbour.ports):
            return f"container {neighbour.name} of {_owner(neighbour.project)}"
    for container in kept:
        if container.service != service.name and any(overlap(port, other) for other in container.ports):
            return f"service {container.service} of this project"
    return ""


def _refused(service: Service, port: Port, reason: Optional[int]) -> Iterable[str]:
    if reason == errno.EADDRINUSE:
        yield f"Service {service.name}: {_spoken(port)} is taken by a process of this host (no container)."
    elif reason == errno.EADDRNOTAVAIL:
        yield f"Service {service.name}: {port.host_ip} is not an address of this host."


def overlap(one: Port, other: Port) -> bool:
    """Whether two published ports cannot exist side by side."""
    same = one.host_port == other.host_port and one.protocol == other.protocol
    return same and (one.host_ip == other.host_ip or "" in (bound_address(one.host_ip), bound_address(other.host_ip)))


def _spoken(port: Port) -> str:
    address = f"{port.host_ip or '*'}:{port.host_port}"
    return f"port {address}" + ("" if port.protocol == "tcp" else f"/{port.protocol}")


def _owner(project: str) -> str:
    return f"the Compose project {project}" if project else "no Compose project"
