# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The plan: what has to be done so that the scaler is there, or is not; each step with its cause. Pure."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.cluster.compare import difference
from ansible_collections.bunops.platform.plugins.module_utils.cluster.objects import Item, read_objects
from ansible_collections.bunops.platform.plugins.module_utils.cluster.plan import NOT_THERE, Step
from ansible_collections.bunops.platform.plugins.module_utils.cluster.state import MANAGER, Member
from ansible_collections.bunops.platform.plugins.module_utils.scaler.objects import AUTOSCALER, body
from ansible_collections.bunops.platform.plugins.module_utils.scaler.spec import Wanted
from ansible_collections.bunops.platform.plugins.module_utils.scaler.state import (
    Observed,
    grace_of,
    is_kedas,
    is_own,
    key_of,
    left_behind,
    of_others,
    replicas_of,
    target_of,
    unheld,
)

Json = Dict[str, Any]

NOT_WANTED = "the scaler is to be absent"


class Hold(NamedTuple):
    """Own a target's replicas as they are. owners: who has applied their number; nobody else owns it."""

    target: str
    replicas: int
    owners: List[str]

    @property
    def cause(self) -> str:
        """Why it has to be held."""
        if not self.owners:
            return "nobody owns its number of replicas, and an autoscaler cannot either as long as that is so"
        verb = "gives" if len(self.owners) == 1 else "give"
        owners = " and ".join(self.owners)
        return f"only {owners} {verb} its number of replicas, which falls to 1 when its last owner leaves it out"


class Release(NamedTuple):
    """Have no autoscaler own a target's replicas, which stay as they are. owners: those that do; others: who else."""

    target: str
    replicas: int
    owners: List[str]
    others: List[str]

    @property
    def cause(self) -> str:
        """Why nobody is to own it."""
        return f"{' and '.join(self.owners)} would refuse it to whoever gives a number next"


class Removal(NamedTuple):
    """An object of the scaler that goes. parts: what goes with it by itself; live: how it is."""

    member: Member
    cause: str
    parts: List[Member]
    live: Json


class Plan(NamedTuple):
    """What a run does, in this order. item: the scaler's object; step: to apply it, None if it is as it should be."""

    hold: Optional[Hold] = None
    removals: Sequence[Removal] = ()
    release: Optional[Release] = None
    step: Optional[Step] = None
    item: Optional[Item] = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing has to be done."""
        return not (self.hold or self.removals or self.release or self.step)

    def lines(self) -> List[str]:
        """The plan for people: one line an operation, with its cause."""
        lines = []
        if self.hold:
            lines.append(f"hold {self.hold.target} at {self.hold.replicas}: {self.hold.cause}")
        lines += [f"remove {removal.member.key}: {removal.cause}" for removal in self.removals]
        if self.release:
            lines.append(f"release {self.release.target} at {self.release.replicas}: {self.release.cause}")
        if self.step:
            lines.append(f"{'create' if self.step.creates else 'apply'} {self.step.item.key}: {self.step.cause}")
        return lines


def plan_present(wanted: Wanted, backend: str, observed: Observed) -> Plan:
    """What to do so that the backend scales the target; the preflight has found nothing."""
    (item,) = read_objects([body(wanted, backend, grace_of(observed.target))], observed.discovery, wanted.namespace)
    cause = f"the backend is {backend}"
    hold = hold_of(wanted, observed.target)
    if hold and not hold.owners and _own(wanted.name, observed):
        # Who scales to none is not remembered as the owner, nor who scales from there; it is in charge all the same.
        hold = None
    return Plan(
        hold,
        [removal for removal in _removals(wanted.name, cause, observed) if removal.member.key.kind != item.key.kind],
        step=_step(item, wanted.name, observed),
        item=item,
    )


def plan_absent(wanted: Wanted, observed: Observed) -> Plan:
    """What to do so that nothing of the scaler is left. The replicas stay as they are."""
    others = of_others(observed, wanted.name)
    still_scaled = any(target_of(item) == (wanted.kind, wanted.target) for item in others)
    release = None if still_scaled else release_of(wanted, observed.target)
    return Plan(removals=list(_removals(wanted.name, NOT_WANTED, observed)), release=release)


def hold_of(wanted: Wanted, target: Optional[Mapping[str, Any]]) -> Optional[Hold]:
    """What has to be held until the autoscaler owns it."""
    owners = unheld(target) if target else None
    return None if owners is None else Hold(wanted.target_text, replicas_of(target), owners)


def release_of(wanted: Wanted, target: Optional[Mapping[str, Any]]) -> Optional[Release]:
    """What autoscalers have left behind."""
    left, others = left_behind(target) if target else ([], [])
    return Release(wanted.target_text, replicas_of(target), left, others) if left else None


def _step(item: Item, name: str, observed: Observed) -> Optional[Step]:
    live = next((own for own in _own(name, observed) if key_of(own) == item.key), None)
    if live is None:
        return Step(item, item.body, NOT_THERE)
    if "deletionTimestamp" in live["metadata"]:
        return Step(item, item.body, "being deleted", live, going=True)
    cause = difference(item.body, live, MANAGER)
    return Step(item, item.body, cause, live) if cause else None


def _own(name: str, observed: Observed) -> List[Json]:
    return [item for item in [*observed.scaled_objects, *observed.autoscalers] if is_own(item, name)]


def _removals(name: str, cause: str, observed: Observed) -> Iterator[Removal]:
    for item in _own(name, observed):
        uid = item["metadata"]["uid"]
        parts = [
            _member(part, observed)
            for part in observed.autoscalers
            if is_kedas(part) and any(owner.get("uid") == uid for owner in part["metadata"]["ownerReferences"])
        ]
        yield Removal(_member(item, observed), cause, parts, item)


def _member(item: Json, observed: Observed) -> Member:
    kind = AUTOSCALER if item["kind"] == AUTOSCALER[1] else (item["apiVersion"], item["kind"])
    going = "deletionTimestamp" in item["metadata"]
    return Member(key_of(item), observed.discovery.resource(*kind), item["metadata"]["uid"], going)
