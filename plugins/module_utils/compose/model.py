# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a Compose project should be (desired) and what is there (observed), as typed values."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Tuple

Settings = Dict[str, Any]

# Label on our containers: the canonical settings of the service, secrets as digests (see definition.py).
DEFINITION_LABEL = "bunops.platform.definition"
# Label on containers that a task runner starts for a project outside of Compose.
TASK_LABEL = "bunops.platform.project"
PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"
NUMBER_LABEL = "com.docker.compose.container-number"
ONEOFF_LABEL = "com.docker.compose.oneoff"
HASH_LABEL = "com.docker.compose.config-hash"
IMAGE_LABEL = "com.docker.compose.image"
VERSION_LABEL = "com.docker.compose.version"


class ComposeError(Exception):
    """The project cannot be brought to the wanted state; the text is for people."""


@dataclass(frozen=True)
class Port:
    """A published port; host_ip is "" for all addresses."""

    host_ip: str
    host_port: int
    container_port: int
    protocol: str


def bound_address(value: Optional[str]) -> str:
    """A Port's host_ip. The engine shows "all addresses" once per family; that is one published port."""
    return "" if value in (None, "", "0.0.0.0", "::") else str(value)  # noqa: S104  compared, not bound


@dataclass(frozen=True)
class Dependency:
    """One entry of depends_on."""

    condition: str
    restart: bool


@dataclass(frozen=True)
class Service:
    """One service as it should be. settings: what makes a container differ, secrets as digests."""

    name: str
    image: str
    scale: int
    settings: Settings
    depends_on: Mapping[str, Dependency] = field(default_factory=dict)
    # Service whose container this one refers to, with the setting that does.
    references: Mapping[str, str] = field(default_factory=dict)
    networks: Tuple[str, ...] = ()
    volumes: Tuple[str, ...] = ()
    ports: Tuple[Port, ...] = ()
    restart: str = "no"
    long_running: bool = False
    pull_policy: str = "missing"
    built: bool = False
    container_name: Optional[str] = None

    @property
    def definition(self) -> str:
        """Canonical JSON of the settings, the value of DEFINITION_LABEL."""
        return json.dumps(self.settings, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @property
    def pullable(self) -> bool:
        """Whether Compose may fetch a missing image."""
        return self.pull_policy not in ("never", "build") and not self.built


@dataclass(frozen=True)
class Network:
    """A network as it should be; settings as `docker compose config` gives them."""

    key: str
    name: str
    external: bool
    settings: Settings


@dataclass(frozen=True)
class Volume:
    """A named volume as it should be; settings as `docker compose config` gives them."""

    key: str
    name: str
    external: bool
    settings: Settings


@dataclass(frozen=True)
class Project:
    """The whole project as it should be.

    document: the definition to hand to Compose again. secrets: values that must not be shown (mounted as files).
    """

    name: str
    services: Mapping[str, Service]
    networks: Mapping[str, Network]
    volumes: Mapping[str, Volume]
    document: Settings
    secrets: Tuple[str, ...] = field(default=(), repr=False)

    def with_dependencies(self, names: List[str]) -> List[str]:
        """The given services and all that they depend on; all services for an empty list, sorted.

        Raises ComposeError for a service that is not defined.
        """
        if not names:
            return sorted(self.services)
        unknown = sorted(set(names) - set(self.services))
        if unknown:
            raise ComposeError(
                f"The definition has no service {_listed(unknown)}; it has {_listed(sorted(self.services))}."
            )
        reached, todo = set(), list(names)
        while todo:
            name = todo.pop()
            if name not in reached and name in self.services:
                reached.add(name)
                todo.extend(self.services[name].depends_on)
        return sorted(reached)


@dataclass(frozen=True)
class Container:
    """One container of the project, from the engine's inspect document (kept as raw for reports)."""

    id: str
    name: str
    service: str
    number: int
    oneoff: bool
    image_id: str
    image: str
    status: str
    exit_code: int
    oom_killed: bool
    error: str
    health: str
    restart_count: int
    restart_policy: str
    started_at: str
    finished_at: str
    labels: Mapping[str, str]
    # Network name -> network id ("" while the container was never started).
    networks: Mapping[str, str]
    volumes: Tuple[str, ...]
    ports: Tuple[Port, ...]
    environment: Tuple[str, ...]
    health_log: Tuple[Mapping[str, Any], ...]
    # Seconds that it may take to stop before it is killed.
    stop_timeout: int = 10

    @property
    def running(self) -> bool:
        """Whether its process runs (also while unhealthy)."""
        return self.status in ("running", "paused")

    @property
    def finished(self) -> bool:
        """Whether it ended with 0 and the engine will not start it again by itself."""
        return self.status == "exited" and self.exit_code == 0 and self.restart_policy in ("", "no", "on-failure")

    @property
    def fine(self) -> bool:
        """Whether nothing is left to do or to wait for."""
        return self.finished or (self.status == "running" and self.health in ("", "none", "healthy"))

    @property
    def former_settings(self) -> Optional[Settings]:
        """The settings that it was made with, None when another tool made it."""
        try:
            settings = json.loads(self.labels[DEFINITION_LABEL])
        except (KeyError, ValueError):
            return None
        return settings if isinstance(settings, dict) else None


@dataclass(frozen=True)
class ObservedNetwork:
    """A network of the engine."""

    id: str
    name: str
    labels: Mapping[str, str]
    driver: str
    internal: bool
    attachable: bool
    ipv6: bool
    options: Mapping[str, str]
    ipam_driver: str
    subnets: Tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class ObservedVolume:
    """A volume of the engine."""

    name: str
    labels: Mapping[str, str]
    driver: str
    options: Mapping[str, str]


@dataclass(frozen=True)
class Neighbour:
    """A container that is not of this project, as far as it can be in the way."""

    name: str
    project: str
    ports: Tuple[Port, ...]
    # Project whose throw-away task it is (TASK_LABEL), else "".
    task_of: str = ""
    id: str = ""


@dataclass(frozen=True)
class Observed:
    """One snapshot of the engine, seen from one project. images: reference -> id, absent ones left out."""

    containers: Tuple[Container, ...] = ()
    networks: Tuple[ObservedNetwork, ...] = ()
    volumes: Tuple[ObservedVolume, ...] = ()
    images: Mapping[str, str] = field(default_factory=dict)
    neighbours: Tuple[Neighbour, ...] = ()

    def of(self, service: str) -> Tuple[Container, ...]:
        """Containers of one service by number, the working one of a number first; without those of `compose run`."""
        found = [item for item in self.containers if item.service == service and not item.oneoff]
        return tuple(sorted(found, key=lambda item: (item.number, not item.fine, item.id)))

    def network(self, name: str) -> Optional[ObservedNetwork]:
        """The network of this name or id."""
        return next((item for item in self.networks if name in (item.name, item.id)), None)

    def volume(self, name: str) -> Optional[ObservedVolume]:
        """The volume of this name."""
        return next((item for item in self.volumes if item.name == name), None)


def _listed(names: List[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
