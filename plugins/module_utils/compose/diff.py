# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Diff mode: what a plan changes, as two YAML texts that hold nothing else. Pure."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.compose.drift import (
    Change,
    replaced_networks,
    setting_changes,
)
from ansible_collections.bunops.platform.plugins.module_utils.compose.model import (
    IMAGE_LABEL,
    Container,
    Observed,
    Project,
    Service,
    Settings,
)
from ansible_collections.bunops.platform.plugins.module_utils.compose.operations import Operation, Plan
from ansible_collections.bunops.platform.plugins.module_utils.plain_yaml import to_yaml


def difference(project_name: str, project: Optional[Project], observed: Observed, plan: Plan) -> Dict[str, str]:
    """Ansible's diff document. Secrets stand as digests: one that changes shows as changed, not as its value."""
    before: Settings = {}
    after: Settings = {}
    for operation in plan.operations:
        section = f"{operation.resource}s"
        old, new = _sides(operation, project, observed)
        if old is not None:
            before.setdefault(section, {}).setdefault(operation.name, {}).update(old)
        if new is not None:
            after.setdefault(section, {}).setdefault(operation.name, {}).update(new)
    header = f"Compose project {project_name}"
    return {"before_header": header, "after_header": header, "before": to_yaml(before), "after": to_yaml(after)}


def _sides(
    operation: Operation, project: Optional[Project], observed: Observed
) -> Tuple[Optional[Settings], Optional[Settings]]:
    if operation.resource == "service":
        return _service_sides(operation, project, observed)
    if operation.kind == "recreate" and project:
        changes = next(
            (
                changes
                for key, changes in replaced_networks(project, observed).items()
                if project.networks[key].name == operation.name
            ),
            [],
        )
        return _both(changes)
    if operation.kind == "create":
        return None, {"state": "present"}
    return {"state": "present"}, None


def _service_sides(
    operation: Operation, project: Optional[Project], observed: Observed
) -> Tuple[Optional[Settings], Optional[Settings]]:
    service = project.services.get(operation.name) if project else None
    containers = [item for item in observed.containers if item.id in operation.containers]
    if operation.kind == "recreate" and service and containers:
        return _recreated(service, containers[0], observed)
    if operation.kind == "create" and service:
        count = len(observed.of(operation.name))
        if count:
            return {"scale": count}, {"scale": service.scale}
        return None, {**service.settings, "state": "running"}
    if operation.kind == "remove":
        remaining = len(observed.of(operation.name)) - len(containers)
        if remaining > 0:
            return {"scale": remaining + len(containers)}, {"scale": remaining}
        return {"state": ", ".join(sorted({item.status for item in containers}))}, None
    state = ", ".join(sorted({_state(item) for item in containers}))
    return {"state": state}, {
        "state": {"stop": "exited", "restart": "running (started anew)"}.get(operation.kind, "running")
    }


def _recreated(service: Service, container: Container, observed: Observed) -> Tuple[Settings, Settings]:
    former = container.former_settings
    changes = setting_changes(former, service.settings) if former is not None else []
    before, after = _both(changes)
    old = container.labels.get(IMAGE_LABEL, container.image_id)
    new = observed.images.get(service.image)
    if new and new != old:
        before["image"] = f"{(former or {}).get('image', service.image)} ({_short(old)})"
        after["image"] = f"{service.image} ({_short(new)})"
    if not before and not after:
        before, after = (
            {"container": container.id[:12], "state": _state(container)},
            {"container": "a new one", "state": "running"},
        )
    return before, after


def _both(changes: List[Change]) -> Tuple[Settings, Settings]:
    before: Settings = {}
    after: Settings = {}
    for change in changes:
        for side, value in ((before, change.before), (after, change.after)):
            if value is not None:
                _put(side, change.path, value)
    return before, after


def _put(target: Settings, path: Tuple[str, ...], value: Any) -> None:
    for key in path[:-1]:
        target = target.setdefault(key, {})
    target[path[-1]] = value


def _state(container: Container) -> str:
    if container.status in ("exited", "restarting", "dead"):
        return f"{container.status} ({container.exit_code})"
    return f"{container.status} ({container.health})" if container.health == "unhealthy" else container.status


def _short(image_id: str) -> str:
    return image_id.replace("sha256:", "")[:12]
