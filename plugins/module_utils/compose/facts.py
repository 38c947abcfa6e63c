# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a run really did, from the snapshots before and after it, and how the project stands. Pure."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.compose.model import (
    PROJECT_LABEL,
    Container,
    Observed,
    Project,
)
from ansible_collections.bunops.platform.plugins.module_utils.compose.operations import RESULTS, Plan

Action = Dict[str, str]
_ALL_ADDRESSES = "0.0.0.0"  # noqa: S104  shown, not bound
# Worst first: the state of a service is that of its worst container.
_WORST = ("dead", "restarting", "exited", "created", "removing", "paused", "running")


def action(resource: str, name: str, what: str, cause: str) -> Action:
    """One entry of the result `actions`; service is "" for networks, volumes and tasks."""
    return {
        "resource": resource,
        "name": name,
        "service": name if resource == "service" else "",
        "action": what,
        "cause": cause,
    }


def planned_actions(plan: Plan) -> List[Action]:
    """The actions that check mode reports."""
    return [action(item.resource, item.name, RESULTS[item.kind], item.cause) for item in plan.operations]


def real_actions(project: str, before: Observed, after: Observed, plan: Plan) -> List[Action]:
    """What differs between two snapshots; the cause is the plan's, where it has one."""
    causes = {(item.resource, item.name, RESULTS[item.kind]): item.cause for item in plan.operations}
    found: List[Action] = []

    def add(resource: str, name: str, what: str) -> None:
        found.append(action(resource, name, what, causes.get((resource, name, what), "")))

    names = sorted({item.service for state in (before, after) for item in state.containers if not item.oneoff})
    for name in names:
        for what in _service_effects(before.of(name), after.of(name)):
            add("service", name, what)
    old = {item.name: item.id for item in before.networks if item.labels.get(PROJECT_LABEL) == project}
    new = {item.name: item.id for item in after.networks if item.labels.get(PROJECT_LABEL) == project}
    for name in sorted(set(old) | set(new)):
        if old.get(name) != new.get(name):
            add("network", name, _what(name in old, name in new))
    for name in sorted(_volumes(before, project) ^ _volumes(after, project)):
        add("volume", name, _what(name in _volumes(before, project), name in _volumes(after, project)))
    remaining = {item.id for item in after.neighbours}
    for task in before.neighbours:
        if task.task_of == project and task.id not in remaining and ("task", task.name, "removed") in causes:
            add("task", task.name, "removed")
    return found


def service_states(project: Optional[Project], observed: Observed, wanted: Sequence[str]) -> List[Dict[str, Any]]:
    """The result `services`: one entry per service, its worst container speaking for it."""
    return [_state(name, project, observed.of(name)) for name in wanted]


def _service_effects(before: Sequence[Container], after: Sequence[Container]) -> List[str]:
    old = {item.number: item for item in before}
    new = {item.number: item for item in after}
    found = set()
    for number in set(old) | set(new):
        if number not in old:
            found.add("created")
        elif number not in new:
            found.add("removed")
        elif old[number].id != new[number].id:
            found.add("recreated")
        else:
            found.update(_life(old[number], new[number]))
    if len(before) > len(old):
        # Two containers of one number: an earlier run was cut off in the middle of a replacement.
        found.add("removed")
    return sorted(found)


def _life(old: Container, new: Container) -> Iterable[str]:
    alive = ("running", "restarting")
    if new.status in alive and (old.status not in alive or old.started_at != new.started_at):
        yield "started"
    elif new.status == "exited" and old.started_at != new.started_at:
        # A one-shot that ran to its end.
        yield "started"
    elif old.status in (*alive, "paused") and new.status == "exited":
        yield "stopped"


def _state(name: str, project: Optional[Project], containers: Sequence[Container]) -> Dict[str, Any]:
    service = project.services.get(name) if project else None
    image = service.image if service else ""
    if not containers:
        return {"name": name, "state": "absent", "health": "", "exit_code": None, "image": image, "ports": []}
    worst = min(containers, key=_rank)
    return {
        "name": name,
        "state": worst.status,
        "health": "" if worst.health == "none" or not worst.running else worst.health,
        "exit_code": worst.exit_code if worst.status in ("exited", "dead", "restarting") else None,
        "image": image or worst.image,
        "ports": [
            {
                "host_ip": port.host_ip or _ALL_ADDRESSES,
                "host_port": port.host_port,
                "container_port": port.container_port,
                "protocol": port.protocol,
            }
            for container in containers
            for port in container.ports
        ],
    }


def _rank(container: Container) -> Tuple[int, int, int]:
    status = _WORST.index(container.status) if container.status in _WORST else 0
    health = {"unhealthy": 0, "starting": 1}.get(container.health, 2)
    return (status, health, -container.exit_code)


def _volumes(observed: Observed, project: str) -> set[str]:
    return {item.name for item in observed.volumes if item.labels.get(PROJECT_LABEL) == project}


def _what(before: bool, after: bool) -> str:
    return "recreated" if before and after else "created" if after else "removed"
