# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The plan: what has to be done to get from the observed to the wanted objects, each step with its cause. Pure."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.cluster.applyset import (
    Membership,
    SetName,
    membership_for,
)
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.objects import CRD_GROUP, BadObjects, Item, Key
from ansible_collections.bunops.platform.plugins.module_utils.cluster.state import (
    Member,
    Observed,
    is_claim,
    is_namespace,
    member_body,
)

Json = Dict[str, Any]

NOT_THERE = "not there"
LEFT = "not in the set any more"

# What has to be there before what: policies, identities and configuration before the pods that need them, and the
# webhooks, which may stand in everybody's way, after the programs behind them.
_WORKLOADS = (
    ("", "Pod"),
    ("", "ReplicationController"),
    ("apps", "DaemonSet"),
    ("apps", "Deployment"),
    ("apps", "ReplicaSet"),
    ("apps", "StatefulSet"),
    ("batch", "CronJob"),
    ("batch", "Job"),
)
_LAST = ("admissionregistration.k8s.io", "apiregistration.k8s.io")


class Step(NamedTuple):
    """An object to apply. former: how it is now, None if it is not there.

    going: its deletion has to end first. depends: its kind or its namespace comes with the same set, so that a dry
    run cannot ask for it.
    """

    item: Item
    body: Json
    cause: str
    former: Optional[Json] = None
    going: bool = False
    depends: bool = False

    @property
    def creates(self) -> bool:
        """Whether the object is not there, or will not be when it is applied."""
        return self.former is None or self.going


class Kept(NamedTuple):
    """A member that nobody wants and that stays; cause: why."""

    member: Member
    cause: str


class Plan(NamedTuple):
    """What a run does. stages: what to apply, in order; unready: unchanged objects that are not ready.

    prunes: members to remove; released: namespaces that stay, but are no members any more; kept: members that stay.
    before: what the parent says. during, after: what it has to say while members come and go, and in the end; None if
    it says so already.
    """

    stages: List[List[Step]]
    unchanged: List[Item]
    unready: List[Item]
    prunes: List[Member]
    released: List[Member]
    kept: List[Kept]
    before: Membership
    during: Optional[Membership]
    after: Optional[Membership]

    @property
    def steps(self) -> List[Step]:
        """All steps."""
        return [step for stage in self.stages for step in stage]

    @property
    def is_empty(self) -> bool:
        """Whether the plan writes nothing."""
        return not (self.steps or self.prunes or self.released or self.during or self.after)

    def lines(self) -> List[str]:
        """The plan for people: one line an operation, with its cause."""
        lines = [f"{'create' if step.creates else 'apply'} {step.item.key}: {step.cause}" for step in self.steps]
        lines += [f"prune {member.key}: {LEFT}" for member in self.prunes]
        lines += [f"release {member.key}: {LEFT}, which did not make it" for member in self.released]
        return lines + [f"keep {kept.member.key}: {kept.cause}" for kept in self.kept]


class TooMuchToPrune(ClusterError):
    """More members would be removed than the limit allows; members: all of them."""

    def __init__(self, members: Sequence[Member], limit: int) -> None:
        names = "\n".join(f"  {member.key}" for member in members)
        super().__init__(
            f"{len(members)} objects are not in the set any more, and prune_limit allows {limit} to be removed. "
            f"Nothing was changed.\nIf they really have to go, raise prune_limit:\n{names}"
        )
        self.members = list(members)


def plan_present(
    name: SetName, items: Sequence[Item], observed: Observed, *, prune: bool, prune_limit: int, volumes: bool
) -> Plan:
    """What to do so that the items are there, and with prune nothing else. Raises BadObjects, TooMuchToPrune."""
    _check(name, items, observed)
    steps: List[Step] = []
    unchanged: List[Item] = []
    for item in items:
        step = _step(name, item, observed)
        if step:
            steps.append(step)
        else:
            unchanged.append(item)
    prunes, released, kept = _leaving(observed.members, volumes) if prune else ([], [], [])
    if len(prunes) > prune_limit:
        raise TooMuchToPrune(prunes, prune_limit)
    staying = [entry.member for entry in kept] if prune else observed.members
    wanted = _membership(name, [*(item.key for item in items), *(member.key for member in staying)])
    during = wanted.union(observed.recorded)
    return Plan(
        _stages(steps),
        unchanged,
        [item for item in unchanged if not observed.seen[item.key].ready],
        prunes,
        released,
        kept,
        observed.recorded,
        during if observed.parent is None or during != observed.recorded else None,
        wanted if wanted != during else None,
    )


def plan_absent(name: SetName, observed: Observed, *, volumes: bool) -> Plan:
    """What to do so that no member is left; after is empty if the parent has to go, too."""
    prunes, released, kept = _leaving(observed.members, volumes)
    wanted = _membership(name, [entry.member.key for entry in kept])
    going = observed.parent is not None and (wanted != observed.recorded or not kept)
    return Plan([], [], [], prunes, released, kept, observed.recorded, None, wanted if going else None)


def _check(name: SetName, items: Sequence[Item], observed: Observed) -> None:
    keys = {item.key for item in items}
    problems: List[str] = []
    parent = Key("", "ConfigMap", name.namespace, name.parent)
    lease = Key("coordination.k8s.io", "Lease", name.namespace, name.lease)
    for own in sorted(keys & {parent, lease}):
        problems.append(f"{own}: this name is taken, the set {name.name} keeps its own records in it")
    for key, found in sorted(observed.seen.items()):
        if found.owner not in ("", name.id):
            problems.append(f"{key}: belongs to another set ({found.owner})")
    made = {key.name for key in keys if is_namespace(key)}
    needed = {name.namespace, *(key.namespace for key in keys if key.namespace)}
    for space in sorted(needed & observed.absent - made):
        problems.append(f"Namespace {space}: is not there; create it, or put it among the objects")
    if problems:
        raise BadObjects(problems)


def _step(name: SetName, item: Item, observed: Observed) -> Optional[Step]:
    found = observed.seen.get(item.key)
    if found is None or item.key.namespace in observed.absent:
        depends = item.foreseen or item.key.namespace in observed.absent
        return Step(item, member_body(item, None, name.id), NOT_THERE, depends=depends)
    if found.going:
        return Step(item, member_body(item, None, name.id), "being deleted", found.live, going=True)
    if found.cause is None:
        return None
    return Step(item, member_body(item, found.live, name.id), found.cause, found.live)


def _stages(steps: Iterable[Step]) -> List[List[Step]]:
    stages: List[List[Step]] = [[], [], [], [], []]
    for step in steps:
        stages[_stage_of(step.item.key)].append(step)
    return [stage for stage in stages if stage]


def _stage_of(key: Key) -> int:
    if is_namespace(key):
        return 0
    if key.group == CRD_GROUP:
        return 1
    if (key.group, key.kind) in _WORKLOADS:
        return 3
    return 4 if key.group in _LAST else 2


def _leaving(members: Iterable[Member], volumes: bool) -> Tuple[List[Member], List[Member], List[Kept]]:
    """Which unwanted members are removed, which ones only leave the set, and which ones stay."""
    prunes: List[Member] = []
    released: List[Member] = []
    kept: List[Kept] = []
    for member in members:
        if member.going:
            continue
        if is_claim(member.key) and not volumes:
            kept.append(Kept(member, "it holds data, and volumes is false"))
        elif is_namespace(member.key) and not member.ours:
            released.append(member)
        elif is_namespace(member.key) and member.claims and not volumes:
            kept.append(Kept(member, "it holds volume claims, and volumes is false"))
        else:
            prunes.append(member)
    return prunes, released, kept


def _membership(name: SetName, keys: Iterable[Key]) -> Membership:
    return membership_for(name, ((key.kind, key.group, key.namespace) for key in keys))
