# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A run, from the options to the outcome: observe, preflight, plan, apply, wait."""

from __future__ import annotations

import time
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.cluster.apply import Settings
from ansible_collections.bunops.platform.plugins.module_utils.cluster.diff import object_diff
from ansible_collections.bunops.platform.plugins.module_utils.cluster.replicas import HOLDER
from ansible_collections.bunops.platform.plugins.module_utils.scaler.apply import (
    Done,
    execute,
    release,
    take_away,
)
from ansible_collections.bunops.platform.plugins.module_utils.scaler.backend import Choice, choose
from ansible_collections.bunops.platform.plugins.module_utils.scaler.errors import NotPossible
from ansible_collections.bunops.platform.plugins.module_utils.scaler.forecast import forecast
from ansible_collections.bunops.platform.plugins.module_utils.scaler.keda import await_keda
from ansible_collections.bunops.platform.plugins.module_utils.scaler.objects import KEDA, KIND_OF
from ansible_collections.bunops.platform.plugins.module_utils.scaler.observe import Clients, observe, observe_own
from ansible_collections.bunops.platform.plugins.module_utils.scaler.plan import Plan, plan_absent, plan_present
from ansible_collections.bunops.platform.plugins.module_utils.scaler.preflight import problems, warnings
from ansible_collections.bunops.platform.plugins.module_utils.scaler.spec import Wanted

Json = Dict[str, Any]

_THREADS = 2


class Modes(NamedTuple):
    """How to run. wait_timeout: seconds, for removals and for KEDA."""

    check: bool = False
    diff: bool = False
    wait: bool = True
    wait_timeout: int = 60


class Outcome(NamedTuple):
    """What a run did. lines: each step with its cause, or why nothing had to be done.

    scaler, would_do_now: None if there is to be none.
    """

    changed: bool
    lines: List[str]
    diffs: List[Dict[str, str]]
    warnings: List[str]
    scaler: Optional[Json] = None
    would_do_now: Optional[Json] = None


def present(clients: Clients, wanted: Wanted, modes: Modes) -> Outcome:
    """Have the target scaled. Raises NotPossible with all problems before anything changes, and ClusterError."""
    observed = observe(clients, wanted)
    choice = choose(wanted, observed)
    found = problems(wanted, choice, observed)
    if found:
        raise NotPossible(found)
    plan = plan_present(wanted, choice.backend, observed)
    settings = _settings(modes)
    done = execute(clients.api, wanted, choice.backend, plan, settings)
    was_applied = bool(done.applied and done.applied.changed)
    did = plan._replace(hold=done.held, step=plan.step if was_applied else None)
    said = warnings(wanted, observed)
    if plan.item and choice.backend == KEDA and modes.wait and not modes.check:
        said += filter(None, [await_keda(clients.api, plan.item, settings.deadline)])
    return Outcome(
        not did.is_empty,
        did.lines() or [f"{KIND_OF[choice.backend][1]} {wanted.namespace}/{wanted.name} is as it should be"],
        _diffs(did, done) if modes.diff else [],
        said,
        _described(wanted, choice),
        forecast(wanted, choice.backend, observed).as_dict(),
    )


def absent(clients: Clients, wanted: Wanted, modes: Modes) -> Outcome:
    """Have nothing of the scaler left. Raises ClusterError."""
    plan = plan_absent(wanted, observe_own(clients.api, wanted))
    take_away(clients.api, plan, _settings(modes))
    if plan.release:
        release(clients.api, wanted, modes.check)
    diffs = _diffs(plan, Done(None, None)) if modes.diff else []
    lines = plan.lines() or [f"the scaler {wanted.name} has no object in {wanted.namespace}"]
    return Outcome(not plan.is_empty, lines, diffs, [])


def _settings(modes: Modes) -> Settings:
    deadline = time.monotonic() + modes.wait_timeout
    return Settings(threads=_THREADS, force=True, dry_run=modes.check, keep=modes.diff, deadline=deadline)


def _described(wanted: Wanted, choice: Choice) -> Json:
    return {
        "backend": choice.backend,
        "why": choice.why,
        "kind": KIND_OF[choice.backend][1],
        "name": wanted.name,
        "namespace": wanted.namespace,
    }


def _diffs(plan: Plan, done: Done) -> List[Dict[str, str]]:
    found = []
    if done.held:
        found.append(_owner_diff(done.held.target, done.held.owners, [*done.held.owners, HOLDER]))
    found += [object_diff(str(removal.member.key), removal.live, None) for removal in plan.removals]
    if plan.release:
        _target, _replicas, scalers, others = plan.release
        found.append(_owner_diff(plan.release.target, [*scalers, *others], others))
    if plan.step and done.applied:
        found.append(object_diff(str(plan.step.item.key), plan.step.former, done.applied.result))
    return found


def _owner_diff(target: str, before: Sequence[str], after: Sequence[str]) -> Dict[str, str]:
    """The number stays, who owns it changes."""
    title = f"{target}, who owns spec.replicas"
    texts = ["".join(f"{owner}\n" for owner in owners) for owners in (before, after)]
    return {"before_header": title, "after_header": title, "before": texts[0], "after": texts[1]}
