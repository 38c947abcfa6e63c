# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""When Deployments, StatefulSets, DaemonSets and ReplicaSets are ready. Pure.

The rules are those of `kubectl rollout status` (k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go) and of kstatus
(sigs.k8s.io/cli-utils/pkg/kstatus/status/core.go); where they differ, it is said below.
"""

from __future__ import annotations

from typing import Optional

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
    number,
    text,
)


def deployment(value: Object) -> Verdict:
    """All replicas are of the newest revision and available, none of a former one is left.

    A paused one is ready: its spec asks for no rollout (as Helm has it; kubectl would wait for ever).
    """
    unseen = _unseen(value)
    if unseen or dig(value, "spec", "paused"):
        return unseen or READY
    status = dig(value, "status")
    wanted = number(value, "spec", "replicas", default=1)
    updated, available = number(status, "updatedReplicas"), number(status, "availableReplicas")
    progress = condition(value, "Progressing")
    if text(progress, "reason") == "ProgressDeadlineExceeded":
        return failed(
            "ProgressDeadlineExceeded",
            f"{available} of {wanted} replicas are available and there has been no progress for"
            f" {number(value, 'spec', 'progressDeadlineSeconds', default=600)} seconds",
            evidence=text(progress, "lastUpdateTime"),
        )
    if updated < wanted:
        return waiting(f"{updated} of {wanted} replicas are of the new version")
    if available < wanted:
        return waiting(f"{available} of {wanted} replicas are available")
    former = number(status, "replicas") - updated
    return waiting(f"{former} replicas of the former version are still there") if former > 0 else READY


def stateful_set(value: Object) -> Verdict:
    """All replicas are available, and as many are of the newest revision as the update strategy asks for.

    OnDelete: the revision does not matter, but the replicas do (kubectl refuses these, kstatus passes them at once).
    partition: only pods with ordinals from there on are updated.
    https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#partitions
    """
    unseen = _unseen(value)
    if unseen:
        return unseen
    status = dig(value, "status")
    wanted = number(value, "spec", "replicas", default=1)
    existing, ready = number(status, "replicas"), number(status, "readyReplicas")
    # With minReadySeconds a pod is available later than it is ready.
    available = number(status, "availableReplicas", default=ready)
    if existing < wanted:
        return waiting(f"{existing} of {wanted} replicas exist")
    if available < wanted:
        return waiting(f"{available} of {wanted} replicas are available")
    if existing > wanted:
        return waiting(f"{existing - wanted} replicas too many are still there")
    if text(value, "spec", "updateStrategy", "type") == "OnDelete":
        return READY
    partition = number(value, "spec", "updateStrategy", "rollingUpdate", "partition")
    to_update, updated = max(0, wanted - partition), number(status, "updatedReplicas")
    return waiting(f"{updated} of {to_update} replicas are of the new version") if updated < to_update else READY


def daemon_set(value: Object) -> Verdict:
    """A pod of the newest revision is available on every node that should have one.

    OnDelete: the revision does not matter.
    """
    unseen = _unseen(value)
    if unseen:
        return unseen
    status = dig(value, "status")
    wanted = number(status, "desiredNumberScheduled")
    updated, available = number(status, "updatedNumberScheduled"), number(status, "numberAvailable")
    if text(value, "spec", "updateStrategy", "type") != "OnDelete" and updated < wanted:
        return waiting(f"{updated} of {wanted} pods are of the new version")
    return waiting(f"{available} of {wanted} pods are available") if available < wanted else READY


def replica_set(value: Object) -> Verdict:
    """All replicas are available; ReplicationControllers are the same here."""
    unseen = _unseen(value)
    if unseen:
        return unseen
    wanted = number(value, "spec", "replicas", default=1)
    existing, available = number(value, "status", "replicas"), number(value, "status", "availableReplicas")
    if available < wanted:
        return waiting(f"{available} of {wanted} replicas are available")
    return waiting(f"{existing - wanted} replicas too many are still there") if existing > wanted else READY


def _unseen(value: Object) -> Optional[Verdict]:
    """Until its controller has seen the newest spec, the status speaks of a former one.

    One that has wanted no pods since it was made has nothing that a status could tell.
    """
    generation = number(value, "metadata", "generation", default=1)
    if generation == 1 and number(value, "spec", "replicas", default=1) == 0:
        return None
    if number(value, "status", "observedGeneration") < generation:
        return waiting("its controller has not seen the newest version yet", "LatestGenerationNotObserved")
    return None
