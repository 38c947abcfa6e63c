# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""When single objects other than workloads are ready: Jobs, Pods, claims, Services, definitions. Pure.

The rules are those of kstatus (sigs.k8s.io/cli-utils/pkg/kstatus/status/core.go) with these differences: a Job is ready
when it is complete (there: when it has started), a failed Pod has failed (there: it is current), a Service of type
LoadBalancer needs its address (as Helm has it; there: its cluster IP).
"""

from __future__ import annotations

from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import (
    READY,
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


def job(value: Object) -> Verdict:
    """Complete. A suspended one is ready: its spec asks for no run.

    FailureTarget comes before Failed, which waits until the last pod has ended.
    https://kubernetes.io/docs/concepts/workloads/controllers/job/#terminal-job-conditions
    """
    if holds(value, "Complete") or dig(value, "spec", "suspend"):
        return READY
    for kind in ("Failed", "FailureTarget"):
        if holds(value, kind):
            found = condition(value, kind)
            reason = text(found, "reason") or "JobFailed"
            return failed(reason, f"it has failed: {text(found, 'message') or reason}")
    wanted = number(value, "spec", "completions", default=number(value, "spec", "parallelism", default=1))
    return waiting(f"{number(value, 'status', 'succeeded')} of {wanted} completions")


def pod(value: Object) -> Verdict:
    """Ready, or ended well."""
    phase = text(value, "status", "phase")
    if phase == "Succeeded" or (phase == "Running" and holds(value, "Ready")):
        return READY
    if phase == "Failed":
        reason = text(value, "status", "reason")
        said = text(value, "status", "message") or reason
        return failed(reason or "PodFailed", "it has failed" + (f": {said}" if said else ""))
    return waiting(f"it is {phase.lower() or 'not known to a node'}, but not ready")


def volume_claim(value: Object) -> Verdict:
    """Bound to a volume. Whether one that is Pending waits for its first pod is told by its events: see claims.py."""
    phase = text(value, "status", "phase")
    if phase == "Bound":
        return READY
    if phase == "Lost":
        return failed("Lost", "the volume that it was bound to is gone")
    return waiting("no volume is bound to it yet")


def service(value: Object) -> Verdict:
    """At once, but for type LoadBalancer: when it has an address."""
    if text(value, "spec", "type") != "LoadBalancer" or items(value, "status", "loadBalancer", "ingress"):
        return READY
    return waiting("its load balancer has no address yet")


def definition(value: Object) -> Verdict:
    """A CustomResourceDefinition: established. Names that another definition has taken are a failure."""
    names = condition(value, "NamesAccepted")
    if text(names, "status") == "False":
        return failed(text(names, "reason") or "NamesNotAccepted", f"its names are refused: {text(names, 'message')}")
    if holds(value, "Established"):
        return READY
    found = condition(value, "Established")
    if text(found, "status") == "False" and text(found, "reason") not in ("Installing", "NotAccepted"):
        return failed(text(found, "reason"), f"it is not established: {text(found, 'message')}")
    return waiting("it is not established yet")


def api_service(value: Object) -> Verdict:
    """Available: the server behind it answers."""
    if holds(value, "Available"):
        return READY
    found = condition(value, "Available")
    return waiting(f"it is not available: {text(found, 'message') or 'not checked yet'}")
