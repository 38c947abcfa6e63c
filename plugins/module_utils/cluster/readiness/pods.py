# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Why a pod is not ready. Pure."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness import containers, scheduling
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.bounds import MOUNT
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.events import Event, latest
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import Cause, Object
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.plain import (
    condition,
    holds,
    items,
    text,
)
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.words import one_line

# What a node has to do before it can create containers (pkg/kubelet/events/event.go).
_PREPARING = frozenset(
    {
        "FailedMount",
        "FailedAttachVolume",
        "FailedMapVolume",
        "FailedCreatePodSandBox",
        "FailedPrepareDynamicResources",
        "NetworkNotReady",
    }
)
_SET_UP = re.compile(r"^MountVolume\.SetUp failed for volume \"(?P<name>[^\"]*)\" : ")
_MISSING = re.compile(r"not found|non-existent|does not exist|couldn't find key")


def causes(pod: Object, events: Sequence[Event], leaving: bool = False) -> List[Cause]:
    """What keeps a pod that should run from being ready, [] if nothing is known.

    A pod that is being removed or has ended is replaced by its controller and no cause of anything.
    leaving: other pods around it are about to make room.
    """
    if text(pod, "metadata", "deletionTimestamp") or text(pod, "status", "phase") in ("Succeeded", "Failed"):
        return []
    if holds(pod, "Ready"):
        return []
    unscheduled = scheduling.cause(pod, events, leaving)
    if unscheduled:
        return [unscheduled]
    found = _of_containers(pod, lambda name, spec, status: containers.cause(name, spec, status, events))
    return found or [cause for cause in (_preparing(pod, events), _gates(pod)) if cause]


def failures(pod: Object) -> List[Cause]:
    """How a pod that has ended badly has failed: its containers that did, or the node's reason (Evicted, …)."""
    if text(pod, "status", "phase") != "Failed":
        return []
    found = _of_containers(pod, containers.ended)
    reason, message = text(pod, "status", "reason"), text(pod, "status", "message")
    if not reason or found:
        return found
    return [Cause(reason, one_line(message) or reason, pod=text(pod, "metadata", "name"))]


def claims_of(pod: Object) -> List[str]:
    """Names of the volume claims that the pod mounts."""
    volumes = items(pod, "spec", "volumes")
    return [name for name in (text(item, "persistentVolumeClaim", "claimName") for item in volumes) if name]


def _of_containers(pod: Object, read: Callable[[str, Dict[str, Any], Dict[str, Any]], Optional[Cause]]) -> List[Cause]:
    name = text(pod, "metadata", "name")
    found = (read(name, spec, status) for spec, status in _containers(pod))
    return [cause for cause in found if cause]


def _containers(pod: Object) -> List[Tuple[Dict[str, Any], Dict[str, Any]]]:
    specs = {text(item, "name"): item for key in ("initContainers", "containers") for item in items(pod, "spec", key)}
    statuses = items(pod, "status", "initContainerStatuses") + items(pod, "status", "containerStatuses")
    return [(specs.get(text(status, "name"), {}), status) for status in statuses]


def _preparing(pod: Object, events: Sequence[Event]) -> Optional[Cause]:
    """The node's last complaint while no container exists yet."""
    if any("waiting" not in (status.get("state") or {}) for _unused, status in _containers(pod)):
        return None
    event = latest(events, _PREPARING)
    if event is None:
        return None
    lasting = event.reason == "FailedMount" and _MISSING.search(event.message)
    said = one_line(_SET_UP.sub(r"the volume \g<name> cannot be mounted: ", event.message))
    return Cause(event.reason, said, MOUNT if lasting else None, pod=text(pod, "metadata", "name"))


def _gates(pod: Object) -> Optional[Cause]:
    """https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-readiness-gate"""
    found = condition(pod, "Ready")
    if text(found, "reason") != "ReadinessGatesNotMet":
        return None
    return Cause("ReadinessGatesNotMet", one_line(text(found, "message")), pod=text(pod, "metadata", "name"))
