# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A target and all that scales it, as one look at the cluster found them. Pure."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.cluster.discovery import Discovery
from ansible_collections.bunops.platform.plugins.module_utils.cluster.objects import Key
from ansible_collections.bunops.platform.plugins.module_utils.cluster.replicas import HOLDER, owners
from ansible_collections.bunops.platform.plugins.module_utils.scaler.objects import (
    AUTOSCALER,
    SCALED_OBJECT,
    SCALER_LABEL,
    labels,
)

Json = Dict[str, Any]

# Who writes spec.replicas: HPAs work in the controller manager, and KEDA's operator wakes from zero.
_AUTOSCALERS = ("kube-controller-manager", "keda", "keda-operator")
# What Kubernetes gives a pod that says nothing.
_GRACE = 30


class Depth(NamedTuple):
    """What a queue meter says. demand: jobs that call for replicas now; states: all that it says besides."""

    exists: bool
    demand: float
    states: Mapping[str, Any]


class Serving(NamedTuple):
    """Who serves an API group. by: "namespace/service", "the API server itself", or "" for nobody.

    reason: why it cannot be used now, "" if it can. known: False if we may not ask.
    """

    by: str = ""
    reason: str = ""
    known: bool = True


class Measured(NamedTuple):
    """A number that was asked for, or why there is none."""

    value: Optional[float] = None
    problem: str = ""


class Observed(NamedTuple):
    """target: the workload, None if it is not there. cpu_by_default: whether a LimitRange gives containers a request.

    depth: of the queue, None if there is none to ask for or it cannot be had; then depth_problem says why. metric: of
    the HPA's external metric.
    """

    discovery: Discovery
    target: Optional[Json]
    scaled_objects: List[Json]
    autoscalers: List[Json]
    external: Serving = Serving()
    resource: Serving = Serving()
    cpu_by_default: bool = False
    depth: Optional[Depth] = None
    depth_problem: str = ""
    metric: Measured = Measured()

    @property
    def keda(self) -> bool:
        """Whether KEDA's kinds are served."""
        return self.discovery.serves(*SCALED_OBJECT)


def key_of(item: Mapping[str, Any]) -> Key:
    """What tells an autoscaler apart from others."""
    group = item["apiVersion"].rpartition("/")[0]
    return Key(group, item["kind"], item["metadata"]["namespace"], item["metadata"]["name"])


def is_own(item: Mapping[str, Any], name: str) -> bool:
    """Whether an autoscaler was made by the scaler of that name. KEDA's HPAs carry its labels, too."""
    found = item["metadata"].get("labels") or {}
    return all(found.get(key) == value for key, value in labels(name).items()) and not is_kedas(item)


def of_others(observed: Observed, name: str) -> List[Json]:
    """All that scales something and is not of the scaler of that name; what KEDA makes is of its ScaledObject."""
    found = [*observed.scaled_objects, *observed.autoscalers]
    return [item for item in found if not is_own(item, name) and not is_kedas(item)]


def is_kedas(item: Mapping[str, Any]) -> bool:
    """Whether an HPA is a part of a ScaledObject."""
    owners = item["metadata"].get("ownerReferences") or []
    return item["kind"] == AUTOSCALER[1] and any(owner.get("kind") == SCALED_OBJECT[1] for owner in owners)


def scaler_of(item: Mapping[str, Any]) -> str:
    """The name of the scaler that has made an autoscaler, or ""."""
    return str((item["metadata"].get("labels") or {}).get(SCALER_LABEL, ""))


def target_of(item: Mapping[str, Any]) -> Tuple[str, str]:
    """Kind and name of what an autoscaler scales."""
    reference = (item.get("spec") or {}).get("scaleTargetRef") or {}
    return str(reference.get("kind") or "Deployment"), str(reference.get("name", ""))


def pod_of(target: Optional[Mapping[str, Any]]) -> Json:
    """The spec of a target's pods."""
    return dict((((target or {}).get("spec") or {}).get("template") or {}).get("spec") or {})


def grace_of(target: Optional[Mapping[str, Any]]) -> int:
    """Seconds that a target's pods have to end."""
    return int(pod_of(target).get("terminationGracePeriodSeconds", _GRACE))


def replicas_of(target: Optional[Mapping[str, Any]]) -> int:
    """How many replicas a target is told to have."""
    return int(((target or {}).get("spec") or {}).get("replicas", 1))


def without_cpu_request(target: Mapping[str, Any]) -> List[str]:
    """Containers of a target that ask for no CPU. A limit counts: pods get it as their request."""
    pod = pod_of(target)
    if _asks(pod):
        return []
    beside = [item for item in pod.get("initContainers") or [] if item.get("restartPolicy") == "Always"]
    return [item["name"] for item in [*beside, *(pod.get("containers") or [])] if not _asks(item)]


def _asks(item: Mapping[str, Any]) -> bool:
    resources = item.get("resources") or {}
    return any("cpu" in (resources.get(part) or {}) for part in ("requests", "limits"))


def gives_cpu_request(limit_range: Mapping[str, Any]) -> bool:
    """Whether a LimitRange gives containers a CPU request that have none."""
    limits = (limit_range.get("spec") or {}).get("limits") or []
    return any(
        item.get("type") == "Container"
        and ("cpu" in (item.get("defaultRequest") or {}) or "cpu" in (item.get("default") or {}))
        for item in limits
    )


def unheld(target: Mapping[str, Any]) -> Optional[List[str]]:
    """Who applies spec.replicas of a target, if nobody else owns it, who would keep it; None if somebody does.

    A field goes with the last one who applies it, here back to 1. Who has written it otherwise keeps it, as the scale
    subresource does; but that one becomes the owner only of a field that has had one.
    https://kubernetes.io/docs/reference/using-api/server-side-apply/#transferring-ownership
    """
    found = owners(target)
    if any(entry.get("operation") != "Apply" or entry.get("manager") == HOLDER for entry in found):
        return None
    return sorted(str(entry.get("manager")) for entry in found)


def is_scalers(entry: Mapping[str, Any]) -> bool:
    """Whether an entry of metadata.managedFields is that of an autoscaler, or of what holds the number for one."""
    if entry.get("manager") == HOLDER:
        return True
    return entry.get("subresource") == "scale" and entry.get("manager") in _AUTOSCALERS


def left_behind(target: Mapping[str, Any]) -> Tuple[List[str], List[str]]:
    """The names under which autoscalers own spec.replicas of a target, and those of all others who do."""
    scalers: List[str] = []
    others: List[str] = []
    for entry in owners(target):
        (scalers if is_scalers(entry) else others).append(str(entry.get("manager")))
    return sorted(scalers), sorted(others)
