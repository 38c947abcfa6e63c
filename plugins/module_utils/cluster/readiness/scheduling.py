# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Why a pod is not put on a node, and whether that may change. Pure."""

from __future__ import annotations

import re
from typing import Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.bounds import CAPACITY, HEALING
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.events import Event, latest
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import Cause, Object
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.plain import condition, text
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.words import one_line

# An autoscaler has announced a node: Cluster Autoscaler's and Karpenter's events on pods.
# https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md#what-events-are-emitted-by-ca
_NODE_IS_COMING = frozenset({"TriggeredScaleUp", "Nominated"})
# Nodes that are full, starting or drained come and go; a label that no node has does not appear by itself.
# The words are those of the scheduler's plugins (pkg/scheduler/framework/plugins/*, ErrReason*).
_ROOM = re.compile(
    r"Insufficient |Too many pods|free ports|free storage|node\.kubernetes\.io/|were unschedulable|unknown conditions"
    r"|topology spread|anti-affinity|max volume count|no nodes available|already in-use"
)
# The rest tells of attempts to make room by eviction, of which there are none here.
_TAIL = re.compile(r"[,.]? (?:no new claims to deallocate|preemption:).*", re.DOTALL)


def cause(pod: Object, events: Sequence[Event], leaving: bool) -> Optional[Cause]:
    """Why the pod has no node, None if it has one or the scheduler has not come to it yet.

    leaving: other pods around it are about to make room.
    """
    found = condition(pod, "PodScheduled")
    reason = text(found, "reason")
    if text(found, "status") != "False" or reason not in ("Unschedulable", "SchedulingGated"):
        return None
    said = one_line(_TAIL.sub("", text(found, "message")))
    grace = _grace(pod, said, events, leaving) if reason == "Unschedulable" else None
    return Cause(reason, f"no node takes it: {said}", grace, pod=text(pod, "metadata", "name"))


def _grace(pod: Object, said: str, events: Sequence[Event], leaving: bool) -> Optional[float]:
    if latest(events, _NODE_IS_COMING) or text(pod, "status", "nominatedNodeName"):
        return None
    # What keeps the claim from its volume is said by the claim.
    if "unbound immediate PersistentVolumeClaims" in said:
        return None
    if _ROOM.search(said):
        return None if leaving else CAPACITY
    return HEALING
