# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The plan: what has to be done to get from observed to desired, each operation with its cause. Pure."""

from __future__ import annotations

from typing import Callable, Dict, Iterable, List, Mapping, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.compose.drift import (
    container_causes,
    replaced_networks,
    volume_changes,
)
from ansible_collections.bunops.platform.plugins.module_utils.compose.model import (
    Container,
    Observed,
    Project,
    Service,
    Volume,
)
from ansible_collections.bunops.platform.plugins.module_utils.compose.operations import (
    Operation,
    Plan,
    shortened,
    task_operations,
)

# Makes an operation of the service at hand: kind, cause, containers concerned.
_Make = Callable[[str, str, Sequence[Container]], Operation]


def plan_present(
    project: Project,
    observed: Observed,
    wanted: Sequence[str],
    *,
    adopted: Iterable[str] = (),
    orphans: Iterable[Container] = (),
) -> Plan:
    """Operations that make the wanted services run as defined.

    wanted: names of services, dependencies included. adopted: services whose containers another tool made from
    the same definition. orphans: containers to remove because their service is gone.
    """
    kept_by_others = frozenset(adopted)
    renewed = replaced_networks(project, observed)
    wanted = _with_attached(project, observed, wanted, renewed)
    operations = [
        *_orphan_operations(orphans),
        *(task_operations(project.name, observed, "its network is made anew") if renewed else ()),
        *_network_operations(project, observed, wanted),
        *_volume_operations(project, observed, wanted),
    ]
    stopped = _was_stopped(project, observed)
    services: Dict[str, List[Operation]] = {}
    for name in _in_reference_order(project, wanted):
        service = project.services[name]
        causes = _recreate_causes(service, project, observed, name in kept_by_others)
        causes.extend(
            f"network {key}: {', '.join(map(str, renewed[key]))}" for key in service.networks if key in renewed
        )
        causes.extend(
            f"its {setting} refers to {target}, which is recreated"
            for target, setting in service.references.items()
            if _recreates(services.get(target, ()))
        )
        services[name] = _service_operations(service, observed.of(name), list(dict.fromkeys(causes)), stopped)
    for name in wanted:
        services[name].extend(_restarts(project.services[name], services, observed.of(name)))
    operations.extend(operation for name in wanted for operation in services[name])
    return Plan(
        tuple(operations),
        reason="" if operations else _reason(observed, wanted),
        notes=tuple(_volume_notes(project, observed, wanted)),
        adopted=frozenset(name for name in kept_by_others if not _recreates(services.get(name, ()))),
    )


def _with_attached(
    project: Project, observed: Observed, wanted: Sequence[str], renewed: Mapping[str, object]
) -> List[str]:
    """The wanted services and those that are attached to a network that has to be made anew for them."""
    concerned = {key for name in wanted for key in project.services[name].networks if key in renewed}
    attached = {
        name for name, service in project.services.items() if concerned & set(service.networks) and observed.of(name)
    }
    return sorted(attached | set(wanted))


def _service_operations(
    service: Service, containers: Sequence[Container], causes: Sequence[str], project_stopped: bool
) -> List[Operation]:
    def operation(kind: str, cause: str, concerned: Sequence[Container] = ()) -> Operation:
        return Operation(kind, "service", service.name, cause, tuple(item.id for item in concerned))

    count = len(containers)
    if service.scale == 0:
        return [operation("remove", "its scale is 0", containers)] if containers else []
    if not count:
        return [operation("create", "it has no container yet")]
    found = []
    kept = containers[: service.scale]
    if causes:
        found.append(operation("recreate", shortened(causes), kept))
    else:
        found.extend(_start_operations(service, kept, project_stopped, operation))
    if count > service.scale:
        found.append(operation("remove", f"its scale is {service.scale}, not {count}", containers[service.scale :]))
    elif count < service.scale:
        found.append(operation("create", f"its scale is {service.scale}, not {count}"))
    return found


def _start_operations(
    service: Service, containers: Sequence[Container], project_stopped: bool, operation: _Make
) -> List[Operation]:
    paused = [item for item in containers if item.status == "paused"]
    stopped = [
        item
        for item in containers
        if item.status in ("created", "exited")
        and not (item.finished and not service.long_running and not project_stopped)
    ]
    found = []
    if paused:
        found.append(operation("unpause", "it is paused", paused))
    if stopped:
        states = sorted(
            {
                "it was never started" if item.status == "created" else f"it ended with exit code {item.exit_code}"
                for item in stopped
            }
        )
        found.append(operation("start", shortened(states), stopped))
    return found


def _restarts(
    service: Service, services: Mapping[str, Sequence[Operation]], containers: Sequence[Container]
) -> List[Operation]:
    """Running containers that ask to be restarted together with a dependency."""
    renewed = [
        name
        for name, terms in service.depends_on.items()
        if terms.restart and name not in service.references and _recreates(services.get(name, ()))
    ]
    running = tuple(item.id for item in containers[: service.scale] if item.running)
    if not renewed or not running or services[service.name]:
        return []
    return [
        Operation(
            "restart", "service", service.name, f"its dependency {', '.join(sorted(renewed))} is recreated", running
        )
    ]


def _recreate_causes(service: Service, project: Project, observed: Observed, adopted: bool) -> List[str]:
    causes: List[str] = []
    for container in observed.of(service.name)[: service.scale]:
        causes.extend(container_causes(service, container, project, observed, adopted))
    return causes


def _orphan_operations(orphans: Iterable[Container]) -> List[Operation]:
    found: Dict[str, List[str]] = {}
    for container in orphans:
        found.setdefault(container.service, []).append(container.id)
    return [
        Operation("remove", "service", name, "it is not in the definition any more", tuple(ids))
        for name, ids in sorted(found.items())
    ]


def _network_operations(project: Project, observed: Observed, wanted: Sequence[str]) -> List[Operation]:
    used = {key for name in wanted for key in project.services[name].networks}
    found = []
    for key, changes in replaced_networks(project, observed).items():
        if key in used:
            found.append(
                Operation(
                    "recreate", "network", project.networks[key].name, shortened([str(change) for change in changes])
                )
            )
    for key in sorted(used & set(project.networks)):
        network = project.networks[key]
        if not network.external and observed.network(network.name) is None:
            found.append(Operation("create", "network", network.name, "it does not exist yet"))
    return found


def _volume_operations(project: Project, observed: Observed, wanted: Sequence[str]) -> List[Operation]:
    return [
        Operation("create", "volume", volume.name, "it does not exist yet")
        for volume in _used_volumes(project, wanted)
        if not volume.external and observed.volume(volume.name) is None
    ]


def _volume_notes(project: Project, observed: Observed, wanted: Sequence[str]) -> List[str]:
    notes = []
    for volume in _used_volumes(project, wanted):
        actual = None if volume.external else observed.volume(volume.name)
        changes = volume_changes(volume, actual) if actual else []
        if changes:
            notes.append(
                f"Volume {volume.name} stays as it is ({shortened([str(item) for item in changes])}): a volume cannot "
                "be changed without losing its data; remove it with state=absent and volumes=true to make it anew."
            )
    return notes


def _used_volumes(project: Project, wanted: Sequence[str]) -> List[Volume]:
    keys = {key for name in wanted for key in project.services[name].volumes}
    return [volume for key, volume in sorted(project.volumes.items()) if key in keys]


def _was_stopped(project: Project, observed: Observed) -> bool:
    """Whether the project as a whole was stopped: then services that ended with 0 may have been stopped, too.

    The engine does not keep who ended a process; without this, a worker without a restart policy that ends
    cleanly on SIGTERM would look like a one-shot that has done its work.
    """
    lasting = [item for name, service in project.services.items() if service.long_running for item in observed.of(name)]
    return bool(lasting) and all(item.status == "exited" for item in lasting)


def _in_reference_order(project: Project, wanted: Sequence[str]) -> List[str]:
    """Services after those whose containers they refer to."""
    ordered: List[str] = []
    todo = list(wanted)
    while todo:
        ready = [name for name in todo if not any(target in todo for target in project.services[name].references)]
        # Compose refuses circles; this only keeps the loop finite.
        step = ready or todo
        ordered.extend(step)
        todo = [name for name in todo if name not in step]
    return ordered


def _recreates(operations: Iterable[Operation]) -> bool:
    return any(item.kind == "recreate" for item in operations)


def _reason(observed: Observed, wanted: Sequence[str]) -> str:
    containers = [item for name in wanted for item in observed.of(name)]
    if not containers:
        return "no service has a scale above 0"
    finished = sum(1 for item in containers if item.finished)
    done = f", {finished} ended with 0 and do not run again" if finished else ""
    running = len(containers) - finished
    return f"{running} of {running} containers run as defined{done}"
