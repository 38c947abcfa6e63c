# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Why a volume claim is not bound, and whether anything is to be waited for. Pure.

Only its events tell (pkg/controller/volume/persistentvolume/pv_controller.go): its status says Pending and no more.
"""

from __future__ import annotations

from typing import Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.bounds import CAPACITY, HEALING
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.events import Event, latest
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import Cause
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.words import one_line

# What the controller is doing with the claim at the moment, by its last event.
_STEPS = frozenset(
    {
        "WaitForFirstConsumer",
        "WaitForPodScheduled",
        "FailedBinding",
        "ExternalProvisioning",
        "Provisioning",
        "ProvisioningFailed",
    }
)


def awaits_first_pod(events: Sequence[Event]) -> bool:
    """Whether it is bound when a pod uses it, and none does: then there is nothing to wait for.

    https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode
    """
    found = latest(events, _STEPS)
    return found is not None and found.reason == "WaitForFirstConsumer"


def cause(events: Sequence[Event]) -> Optional[Cause]:
    """Why a Pending claim has no volume; None if nothing is known."""
    found = latest(events, _STEPS)
    if found is None:
        return None
    if found.reason in ("ExternalProvisioning", "Provisioning"):
        # They are repeated between two attempts of a provisioner that fails.
        found = latest(events, frozenset({"ProvisioningFailed"})) or found
    said = one_line(found.message)
    if found.reason == "FailedBinding":
        return Cause(found.reason, said, HEALING)
    if found.reason == "ProvisioningFailed":
        # A class that does not exist may come; a provisioner tries again for longer than that.
        return Cause(found.reason, f"no volume is made: {said}", HEALING if "not found" in said else CAPACITY)
    if found.reason == "ExternalProvisioning" and latest(events, frozenset({"Provisioning"})) is None:
        return Cause(found.reason, f"no provisioner takes it up: {said}", CAPACITY)
    return Cause(found.reason, said)
