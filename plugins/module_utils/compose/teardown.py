# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Plans for stopping and removing a project. Pure; the definition is not needed, labels say what belongs to it."""

from __future__ import annotations

from typing import Dict, List, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.compose.model import (
    PROJECT_LABEL,
    Container,
    Observed,
)
from ansible_collections.bunops.platform.plugins.module_utils.compose.operations import (
    Operation,
    Plan,
    task_operations,
)

_TASK_CAUSE = "the service that started it ends"


def plan_stopped(project: str, observed: Observed, services: Sequence[str]) -> Plan:
    """Stop every running container, or those of the given services."""
    running = [item for item in _concerned(observed, services) if item.status in ("running", "paused", "restarting")]
    operations = [
        *_per_service("stop", running, "the project is to be stopped"),
        *(task_operations(project, observed, _TASK_CAUSE) if not services else []),
    ]
    return Plan(tuple(operations), reason="" if operations else "no container runs")


def plan_absent(project: str, observed: Observed, services: Sequence[str], volumes: bool) -> Plan:
    """Remove the project, or the containers of the given services only."""
    operations = _per_service("remove", _concerned(observed, services), "the project is to be removed")
    if not services:
        operations.extend(task_operations(project, observed, _TASK_CAUSE))
        operations.extend(
            Operation("remove", "network", item.name, "the project is to be removed")
            for item in observed.networks
            if item.labels.get(PROJECT_LABEL) == project
        )
        if volumes:
            operations.extend(
                Operation("remove", "volume", item.name, "its data is to be removed, too")
                for item in observed.volumes
                if item.labels.get(PROJECT_LABEL) == project
            )
    return Plan(tuple(operations), reason="" if operations else "nothing of the project is there")


def _concerned(observed: Observed, services: Sequence[str]) -> List[Container]:
    return [item for item in observed.containers if not services or item.service in services]


def _per_service(kind: str, containers: Sequence[Container], cause: str) -> List[Operation]:
    found: Dict[str, List[str]] = {}
    for container in containers:
        found.setdefault(container.service, []).append(container.id)
    return [Operation(kind, "service", name, cause, tuple(ids)) for name, ids in sorted(found.items())]
