# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether an object is ready, on its way or failed, from nothing but the object. Pure.

kstatus' order: being removed, its newest version not seen, its controller's own word (Reconciling, Stalled), the rules
of its kind, then a condition Ready. Everything else is ready once it exists.
https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md
"""

from __future__ import annotations

from typing import Callable, Dict, Optional, Sequence, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness import kinds, workloads
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import (
    READY,
    Expectation,
    Object,
    Verdict,
    failed,
    waiting,
)
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.plain import (
    condition,
    dig,
    holds,
    items,
    number,
    text,
)

# By API group and kind.
_RULES: Dict[Tuple[str, str], Callable[[Object], Verdict]] = {
    ("apps", "Deployment"): workloads.deployment,
    ("apps", "StatefulSet"): workloads.stateful_set,
    ("apps", "DaemonSet"): workloads.daemon_set,
    ("apps", "ReplicaSet"): workloads.replica_set,
    ("", "ReplicationController"): workloads.replica_set,
    ("batch", "Job"): kinds.job,
    ("", "Pod"): kinds.pod,
    ("", "PersistentVolumeClaim"): kinds.volume_claim,
    ("", "Service"): kinds.service,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): kinds.definition,
    ("apiregistration.k8s.io", "APIService"): kinds.api_service,
    # An autoscaler without metrics yet is no reason to hold a deployment up.
    ("autoscaling", "HorizontalPodAutoscaler"): lambda _value: READY,
}


def judge(value: Object, expectations: Sequence[Expectation] = ()) -> Verdict:
    """The verdict on an object as the API server has it, status included; expectations: what the user asks for besides.

    Also tells it of the answer to an apply: an object that is ready by that needs no wait.
    """
    verdict = _by_itself(value)
    if not verdict.ready:
        return verdict
    for wanted in expectations:
        if wanted.kind == value.get("kind") and wanted.name in (None, text(value, "metadata", "name")):
            unmet = _unmet(value, wanted)
            if unmet:
                return unmet
    return READY


def settled(value: Object, expectations: Sequence[Expectation] = ()) -> bool:
    """Whether a ready object stays so: it has no conditions that could turn, and no pods."""
    key = (text(value, "apiVersion").rpartition("/")[0], value.get("kind"))
    if any(wanted.kind == key[1] for wanted in expectations):
        return False
    return key not in _RULES and not items(value, "status", "conditions")


def unproven(value: Object) -> bool:
    """Whether "ready" only means that a process was started: a container has no probe that tells more."""
    template = dig(value, "spec", "template", "spec") or (value.get("spec") if value.get("kind") == "Pod" else None)
    if value.get("kind") == "Job" or dig(value, "spec", "replicas") == 0:
        return False
    return any("readinessProbe" not in item and "startupProbe" not in item for item in items(template, "containers"))


def _by_itself(value: Object) -> Verdict:
    if text(value, "metadata", "deletionTimestamp"):
        return waiting("it is being removed", "Terminating")
    seen = number(value, "status", "observedGeneration", default=-1)
    if -1 < seen < number(value, "metadata", "generation"):
        return waiting("its controller has not seen the newest version yet", "LatestGenerationNotObserved")
    said = _own_word(value)
    if said:
        return said
    rule = _RULES.get((text(value, "apiVersion").rpartition("/")[0], text(value, "kind")))
    if rule:
        return rule(value)
    return _unmet(value, Expectation("", "Ready")) or READY if condition(value, "Ready") else READY


def _own_word(value: Object) -> Optional[Verdict]:
    for kind in ("Reconciling", "Stalled"):
        if holds(value, kind):
            found = condition(value, kind)
            code, said = text(found, "reason") or kind, text(found, "message") or f"it is {kind.lower()}"
            since = text(found, "lastTransitionTime")
            return waiting(said, code) if kind == "Reconciling" else failed(code, said, since)
    return None


def _unmet(value: Object, wanted: Expectation) -> Optional[Verdict]:
    """A verdict if the condition is not as wanted, or speaks of a former version of the object."""
    found = condition(value, wanted.type)
    if found is None:
        return waiting(f"it has no condition {wanted.type} yet", "NoCondition")
    if number(found, "observedGeneration", default=1 << 62) < number(value, "metadata", "generation"):
        return waiting(f"its condition {wanted.type} is not of the newest version", "LatestGenerationNotObserved")
    if text(found, "status") == wanted.status:
        return None
    said = text(found, "message") or text(found, "reason")
    return waiting(
        f"its condition {wanted.type} is {text(found, 'status') or 'Unknown'}" + (f": {said}" if said else ""),
        text(found, "reason") or "InProgress",
    )
