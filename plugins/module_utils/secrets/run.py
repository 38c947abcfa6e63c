# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A run over all targets: read and look, plan, write, roll, collect; what a failed rollout began is taken back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import AbstractSet, Dict, List, Mapping, NamedTuple, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.secrets import plan as planning
from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import RolloutError, SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.plan import Plan
from ansible_collections.bunops.platform.plugins.module_utils.secrets.resolve import Found, resolve
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.model import Source
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.read import read
from ansible_collections.bunops.platform.plugins.module_utils.secrets.spec import Secret
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import (
    Files,
    Holding,
    Rollout,
    Target,
)


class Settings(NamedTuple):
    """rotate: generated secrets that get a new value. keep: versions, the newest counted. timeout: seconds."""

    rotate: AbstractSet[str]
    keep: int
    roll: bool
    timeout: float


class Outcome(NamedTuple):
    """What was done, or would be. rolled: who uses what changed. collected: places of old versions."""

    rolled: List[str]
    collected: List[str]


def plan_present(
    secrets: Sequence[Secret], sources: Mapping[str, Source], targets: Sequence[Target], settings: Settings
) -> List[Plan]:
    """Read the sources and look at the targets, all at once. Raises SecretError, OSError."""
    with ThreadPoolExecutor(max_workers=len(targets) + 1) as threads:
        reading = threads.submit(read, sources)
        holdings = list(threads.map(lambda target: target.observe(), targets))
        values = reading.result()
    found = {name: Found(source.describe(), values[name]) for name, source in sources.items()}
    wanted = resolve(secrets, found, _held(holdings), settings.rotate)
    problems = [problem for target in targets for problem in target.problems(wanted)]
    if problems:
        raise SecretError("\n".join(problems))
    return [planning.plan(target, before, wanted) for target, before in zip(targets, holdings)]


def _held(holdings: Sequence[Holding]) -> Dict[str, Files]:
    """The files of each secret; where targets differ, the first one that has it is right."""
    held: Dict[str, Files] = {}
    for holding in reversed(holdings):
        held.update({name: version.files for name, version in holding.items()})
    return held


def plan_previous(secrets: Sequence[Secret], targets: Sequence[Target]) -> List[Plan]:
    """Raises SecretError."""
    names = [secret.name for secret in secrets]
    return [planning.plan_previous(target, target.observe(), names) for target in targets]


def plan_absent(targets: Sequence[Target]) -> List[Plan]:
    """Raises SecretError."""
    return [planning.plan_absent(target, target.observe()) for target in targets]


def foresee(plans: Sequence[Plan], settings: Settings) -> Outcome:
    """What execute() would do, without any effect. Raises SecretError."""
    users = [user for rollout in _rollouts(plans, settings) for user in rollout.users()]
    return Outcome(sorted(users), _places([each.target.collectable(settings.keep) for each in plans]))


def execute(plans: Sequence[Plan], settings: Settings) -> Outcome:
    """Write the targets, roll what uses them, remove old versions. Raises SecretError, and RolloutError when undone."""
    rollouts = _rollouts(plans, settings)
    users = sorted(user for rollout in rollouts for user in rollout.users())
    for each in plans:
        if each.change.is_change():
            each.target.write(each.change.before, each.change.after)
    try:
        for rollout in rollouts:
            rollout.roll(settings.timeout)
    except RolloutError as failure:
        _take_back(plans, rollouts, failure)
    return Outcome(users, _places([each.target.collect(settings.keep) for each in plans]))


def remove(plans: Sequence[Plan]) -> Outcome:
    """Leave nothing of the set in any target. Raises SecretError."""
    for each in plans:
        if each.change.is_change():
            each.target.remove()
    return Outcome([], [])


def _rollouts(plans: Sequence[Plan], settings: Settings) -> List[Rollout]:
    """For all secrets, not only those that change now: a run that was killed may have left users of older versions."""
    if not settings.roll:
        return []
    found = [each.target.rollout(each.change.before, each.change.after, sorted(each.change.after)) for each in plans]
    return [rollout for rollout in found if rollout is not None]


def _take_back(plans: Sequence[Plan], rollouts: Sequence[Rollout], failure: RolloutError) -> None:
    """Raises RolloutError: the failure, and what became of it."""
    try:
        for each in plans:
            if each.change.is_change():
                each.target.restore(each.change.before, each.change.after)
        for rollout in rollouts:
            rollout.back()
    except SecretError as problem:
        raise RolloutError("%s\nand the former versions could not be brought back: %s" % (failure, problem)) from None
    raise RolloutError("%s\nThe former versions of the secrets are back." % failure) from None


def _places(lists: Sequence[List[str]]) -> List[str]:
    return sorted(place for places in lists for place in places)
