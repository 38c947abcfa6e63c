# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Does what a plan says. Decides nothing."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional

from ansible_collections.bunops.platform.plugins.module_utils.cluster.apply import Applied, Settings, apply_stages
from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, MERGE_PATCH, Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.plan import Step
from ansible_collections.bunops.platform.plugins.module_utils.cluster.prune import await_end, remove
from ansible_collections.bunops.platform.plugins.module_utils.cluster.refusals import Refused
from ansible_collections.bunops.platform.plugins.module_utils.cluster.replicas import HOLDER, disowned
from ansible_collections.bunops.platform.plugins.module_utils.cluster.state import Member
from ansible_collections.bunops.platform.plugins.module_utils.scaler.objects import HPA
from ansible_collections.bunops.platform.plugins.module_utils.scaler.plan import (
    Hold,
    Plan,
    hold_of,
    release_of,
)
from ansible_collections.bunops.platform.plugins.module_utils.scaler.spec import Wanted
from ansible_collections.bunops.platform.plugins.module_utils.scaler.state import is_scalers

Json = Dict[str, Any]

_ATTEMPTS = 5


class Done(NamedTuple):
    """What was done, or in check mode would be. applied: None if the object was as it should be."""

    held: Optional[Hold]
    applied: Optional[Applied]


def execute(client: Client, wanted: Wanted, backend: str, plan: Plan, settings: Settings) -> Done:
    """Hold the replicas, remove what scales otherwise, apply. Raises ClusterError, Refused with all problems."""
    trial = settings._replace(dry_run=True)
    if plan.step and (plan.hold or (plan.removals and backend == HPA)) and not settings.dry_run:
        # What the server refuses is known before anything changes. Not where an HPA goes: until then KEDA refuses.
        _apply(client, plan.step, trial, wanted)
    held = _hold(client, wanted, plan.hold, settings.dry_run) if plan.hold else None
    take_away(client, plan, settings)
    if not plan.step:
        return Done(held, None)
    # A dry run would meet what is still to be removed.
    step = plan.step._replace(depends=bool(plan.removals) or plan.step.depends)
    return Done(held, _apply(client, step, settings, wanted))


def take_away(client: Client, plan: Plan, settings: Settings) -> None:
    """Remove what the plan removes, and wait until it is gone. Raises ClusterError."""
    members = [removal.member for removal in plan.removals]
    removed: List[Member] = []
    remove(client, members, settings.threads, removed, dry_run=settings.dry_run)
    if not settings.dry_run:
        # Two HPAs on a target stop both: KEDA's goes a moment after its ScaledObject.
        await_end(client, [*members, *(part for removal in plan.removals for part in removal.parts)], settings.deadline)


def release(client: Client, wanted: Wanted, dry_run: bool) -> None:
    """Have no autoscaler own the number of replicas. Raises ClusterError."""
    path = client.path("apps/v1", wanted.kind, wanted.namespace, wanted.target)
    for attempt in range(_ATTEMPTS):
        live = client.request("GET", path)
        if release_of(wanted, live) is None:
            return
        entries = disowned(live, is_scalers)
        metadata = {"resourceVersion": live["metadata"]["resourceVersion"], "managedFields": entries}
        try:
            client.request("PATCH", path, {"metadata": metadata}, {"dryRun": "All" if dry_run else None}, MERGE_PATCH)
            return
        except ApiError as error:
            # Somebody has written meanwhile.
            if error.status != 409 or attempt == _ATTEMPTS - 1:
                raise


def _apply(client: Client, step: Step, settings: Settings, wanted: Wanted) -> Applied:
    done: List[Applied] = []
    try:
        apply_stages(client, [[step]], settings, done)
    except Refused as error:
        problems = [problem._replace(message=_explained(problem.message, wanted)) for problem in error.problems]
        raise Refused(problems) from None
    return done[0]


def _explained(message: str, wanted: Wanted) -> str:
    if wanted.min_replicas == 0 and "greater than or equal to 1" in message:
        return f"{message} (an HPA goes to zero from Kubernetes 1.37 on, by the feature gate HPAScaleToZero; KEDA does)"
    return message


def _hold(client: Client, wanted: Wanted, hold: Optional[Hold], dry_run: bool) -> Optional[Hold]:
    """Own spec.replicas with the value that it has; what was held, None if somebody else has taken it meanwhile."""
    path = client.path("apps/v1", wanted.kind, wanted.namespace, wanted.target)
    query = {"fieldManager": HOLDER, "dryRun": "All" if dry_run else None}
    for _unused in range(_ATTEMPTS):
        if hold is None:
            return None
        body = {
            "apiVersion": "apps/v1",
            "kind": wanted.kind,
            "metadata": {"name": wanted.target, "namespace": wanted.namespace},
            "spec": {"replicas": hold.replicas},
        }
        try:
            client.request("PATCH", path, body, query, APPLY)
            return hold
        except ApiError as error:
            # Never by force: who has changed the number since owns it.
            if error.status != 409:
                raise
        hold = hold_of(wanted, client.request("GET", path))
    return hold
