# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What has to happen in a target, from what is wanted and what it holds; names and versions only, no values."""

from __future__ import annotations

from typing import Dict, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import (
    Files,
    Holding,
    Target,
    Version,
)

ADDED, CHANGED, REMOVED, UNCHANGED = "added", "changed", "removed", "unchanged"
# Of several targets the one that says most is the secret's own.
_ORDER = (CHANGED, ADDED, REMOVED, UNCHANGED)


class Change(NamedTuple):
    """What happens in a place. actions: by secret. before, after: what it holds, empty where it holds no values."""

    title: str
    actions: Dict[str, str]
    before: Holding
    after: Holding

    def is_change(self) -> bool:
        return any(action != UNCHANGED for action in self.actions.values())


class Plan(NamedTuple):
    """A target, and what happens in it."""

    target: Target
    change: Change


def plan(target: Target, before: Holding, wanted: Mapping[str, Files]) -> Plan:
    """What makes a target hold what is wanted."""
    actions = {name: _action(target, before.get(name), files) for name, files in wanted.items()}
    actions.update({name: REMOVED for name in before if name not in wanted})
    changed = sorted(name for name, action in actions.items() if action in (ADDED, CHANGED))
    return _plan(target, actions, before, target.next(before, wanted, changed))


def plan_previous(target: Target, before: Holding, names: Sequence[str]) -> Plan:
    """What brings the versions before the newest ones back. Raises SecretError."""
    kept = {name: version for name, version in target.previous(before).items() if name in names}
    actions = {name: CHANGED if name in kept else UNCHANGED for name in before}
    return _plan(target, actions, before, {**before, **kept})


def plan_absent(target: Target, before: Holding) -> Plan:
    """What leaves nothing."""
    return _plan(target, dict.fromkeys(before, REMOVED), before, {})


def _plan(target: Target, actions: Dict[str, str], before: Holding, after: Holding) -> Plan:
    return Plan(target, Change(target.title, actions, before, after))


def _action(target: Target, held: Optional[Version], files: Files) -> str:
    if held is None:
        return ADDED
    return CHANGED if target.differs(held, files) else UNCHANGED


def overall(actions: Sequence[str]) -> str:
    """The action of a secret from those in each target."""
    return min(actions, key=_ORDER.index, default=UNCHANGED)
