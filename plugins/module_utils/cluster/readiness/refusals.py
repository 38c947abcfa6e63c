# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Why a controller may not create its pods: quotas, admission, a missing service account. Pure.

Deployments and ReplicaSets say it in the ReplicaSet's condition ReplicaFailure, all the others in events only.
"""

from __future__ import annotations

import re
from typing import Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.bounds import CAPACITY, HEALING
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.events import Event, latest
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import Cause, Object
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.plain import condition, text
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.words import one_line

_EVENTS = frozenset({"FailedCreate"})
# 'Error creating: pods "api-5c9-" is forbidden: …', 'Create Pod redis-0 in StatefulSet redis failed error: pods "…" …'
_WRAPPING = re.compile(
    r"^Error creating: |^[Cc]reate .*? failed error: |^(?:pods|persistentvolumeclaims) \"[^\"]*\" is "
)
# The spec itself is refused: Pod Security, a LimitRange, a quota that demands limits, validation.
_LASTING = re.compile(
    r"violates PodSecurity|must specify|(?:maximum|minimum) .* usage per|is invalid:|may not be used with"
    r"|unable to validate against any security context constraint"
)


def of_replica_set(value: Object, leaving: bool) -> Optional[Cause]:
    """What the ReplicaSet's condition says, None if it can create pods. leaving: see of_events()."""
    found = condition(value, "ReplicaFailure")
    if text(found, "status") != "True" or text(found, "reason") != "FailedCreate":
        return None
    return _cause(text(found, "message"), text(found, "lastTransitionTime"), leaving)


def of_events(events: Sequence[Event], leaving: bool) -> Optional[Cause]:
    """What the newest refusal of a StatefulSet, DaemonSet or Job says; the caller knows that pods are missing.

    leaving: other pods of the namespace are about to give their part of the quota back.
    """
    found = latest(events, _EVENTS)
    return _cause(found.message, f"{found.times} {found.last}", leaving) if found else None


def _cause(message: str, evidence: str, leaving: bool) -> Cause:
    said = message
    while _WRAPPING.search(said):
        said = _WRAPPING.sub("", said)
    grace: Optional[float] = CAPACITY if "failed calling webhook" in said else HEALING
    if _LASTING.search(said):
        grace = 0.0
    elif leaving and "exceeded quota" in said:
        grace = None
    return Cause("FailedCreate", f"its pods are refused: {one_line(said)}", grace, evidence=evidence)
