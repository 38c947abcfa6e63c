# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What differs between desired and observed, setting by setting. Pure comparisons."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.compose.model import (
    IMAGE_LABEL,
    Container,
    Network,
    Observed,
    ObservedNetwork,
    ObservedVolume,
    Project,
    Service,
    Settings,
    Volume,
)

# Labels that Compose itself puts on networks and volumes.
_OWN_LABELS = "com.docker.compose."


class Change:
    """One setting that differs: its path and both values; None stands for "not set"."""

    def __init__(self, path: Tuple[str, ...], before: Any, after: Any) -> None:
        self.path = path
        self.before = before
        self.after = after

    def __str__(self) -> str:
        verb = "added" if self.before is None else "removed" if self.after is None else "changed"
        return f"{'.'.join(self.path)} {verb}"


def setting_changes(before: Settings, after: Settings, path: Tuple[str, ...] = ()) -> List[Change]:
    """Differences of two settings; mappings are compared key by key, lists as a whole."""
    found: List[Change] = []
    for key in sorted(set(before) | set(after)):
        old, new = before.get(key), after.get(key)
        here = (*path, str(key))
        if old == new:
            continue
        # A whole section that comes or goes (environment, labels, ...) is told by its entries.
        sections = all(isinstance(value, dict) or (value is None and not path) for value in (old, new))
        if sections and (old or new):
            found.extend(setting_changes(old or {}, new or {}, here))
        else:
            found.append(Change(here, old, new))
    return found


def network_changes(desired: Network, actual: ObservedNetwork) -> List[Change]:
    """Settings of a network that differ from the existing one; what is not set is the engine's choice."""
    settings = desired.settings
    ipam = settings.get("ipam") or {}
    wanted: Dict[str, Any] = {
        "internal": bool(settings.get("internal")),
        "attachable": bool(settings.get("attachable")),
    }
    found: Dict[str, Any] = {"internal": actual.internal, "attachable": actual.attachable}
    if settings.get("driver"):
        wanted["driver"], found["driver"] = settings["driver"], actual.driver
    if settings.get("enable_ipv6") is not None:
        wanted["enable_ipv6"], found["enable_ipv6"] = bool(settings["enable_ipv6"]), actual.ipv6
    if ipam.get("driver"):
        wanted["ipam_driver"], found["ipam_driver"] = ipam["driver"], actual.ipam_driver
    if ipam.get("config"):
        wanted["subnets"] = [item.get("subnet") for item in ipam["config"]]
        found["subnets"] = [item.get("Subnet") for item in actual.subnets]
    wanted["driver_opts"] = _texts(settings.get("driver_opts"))
    found["driver_opts"] = _engine_options(actual.options)
    wanted["labels"] = _texts(settings.get("labels"))
    found["labels"] = _foreign(actual.labels)
    return setting_changes(found, wanted)


def volume_changes(desired: Volume, actual: ObservedVolume) -> List[Change]:
    """Settings of a volume that differ from the existing one."""
    wanted: Dict[str, Any] = {
        "driver_opts": _texts(desired.settings.get("driver_opts")),
        "labels": _texts(desired.settings.get("labels")),
    }
    found: Dict[str, Any] = {"driver_opts": dict(actual.options), "labels": _foreign(actual.labels)}
    if desired.settings.get("driver"):
        wanted["driver"], found["driver"] = desired.settings["driver"], actual.driver
    return setting_changes(found, wanted)


def replaced_networks(project: Project, observed: Observed) -> Dict[str, List[Change]]:
    """Networks (by key) that exist with other settings and have to be made anew."""
    found = {}
    for key, network in project.networks.items():
        actual = None if network.external else observed.network(network.name)
        changes = network_changes(network, actual) if actual else []
        if changes:
            found[key] = changes
    return found


def container_causes(
    service: Service, container: Container, project: Project, observed: Observed, adopted: bool
) -> List[str]:
    """Why a container has to be recreated, in the order of importance; empty when it may stay.

    adopted: it was made by another hand, from this very definition.
    """
    causes = []
    wanted = observed.images.get(service.image)
    if wanted and wanted != container.labels.get(IMAGE_LABEL, container.image_id):
        causes.append(f"image {service.image} changed")
    former = container.former_settings
    if former is not None:
        causes.extend(str(change) for change in setting_changes(former, service.settings))
    elif not adopted:
        causes.append("definition changed since it was made by another tool")
    causes.extend(_attachment_causes(service, container, project, observed))
    if not causes and container.health == "unhealthy" and container.running:
        causes.append("it is unhealthy")
    if not causes and container.status in ("restarting", "dead"):
        causes.append(f"it is {container.status} (exit code {container.exit_code})")
    return causes


def _attachment_causes(service: Service, container: Container, project: Project, observed: Observed) -> List[str]:
    causes = []
    for key in service.networks:
        name = project.networks[key].name if key in project.networks else key
        actual = observed.network(name)
        if actual is None:
            causes.append(f"network {key} was removed")
            continue
        attached = container.networks.get(actual.name)
        if attached is None and name in container.networks:
            attached = container.networks[name]
        if attached is None:
            causes.append(f"network {key} is not attached")
        elif attached and attached != actual.id:
            causes.append(f"network {key} was made anew")
    for key in service.volumes:
        name = project.volumes[key].name if key in project.volumes else key
        if name not in container.volumes:
            causes.append(f"volume {key} is not mounted")
    return causes


def _engine_options(options: Mapping[str, str]) -> Dict[str, str]:
    # The engine adds these by itself, depending on its version.
    own = ("com.docker.network.enable_ipv4", "com.docker.network.enable_ipv6")
    return {key: value for key, value in options.items() if key not in own}


def _foreign(labels: Mapping[str, str]) -> Dict[str, str]:
    return {key: value for key, value in labels.items() if not key.startswith(_OWN_LABELS)}


def _texts(values: Any) -> Dict[str, str]:
    return {str(key): _text(value) for key, value in (values or {}).items()}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
