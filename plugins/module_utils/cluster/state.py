# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The cluster as one look at it found it, as far as a set goes. Pure."""

from __future__ import annotations

from typing import Any, Dict, FrozenSet, List, Mapping, NamedTuple, Optional

from ansible_collections.bunops.platform.plugins.module_utils.cluster.applyset import (
    CREATED_BY,
    PART_OF,
    Membership,
    labelled,
)
from ansible_collections.bunops.platform.plugins.module_utils.cluster.compare import difference
from ansible_collections.bunops.platform.plugins.module_utils.cluster.discovery import Resource
from ansible_collections.bunops.platform.plugins.module_utils.cluster.objects import Item, Key
from ansible_collections.bunops.platform.plugins.module_utils.cluster.replicas import HOLDER, with_present_number

Json = Dict[str, Any]

# The field manager of everything that this collection applies.
MANAGER = "bunops-platform"


class Seen(NamedTuple):
    """A wanted object that is there.

    cause: why it has to be applied, None if nothing differs. live: the object, kept only if it has to be applied.
    ready: whether it is ready as it is. going: it is being deleted. owner: id of the ApplySet it belongs to, or "".
    """

    cause: Optional[str]
    live: Optional[Json] = None
    ready: bool = True
    going: bool = False
    owner: str = ""


class Member(NamedTuple):
    """A member of the set that is not wanted. ours: a namespace that the set made; claims: it holds volume claims."""

    key: Key
    resource: Resource
    uid: str
    going: bool = False
    ours: bool = False
    claims: bool = False


class Observed(NamedTuple):
    """recorded: where the parent says that members are; absent: namespaces that are not there, or are going."""

    parent: Optional[Json]
    recorded: Membership
    seen: Dict[Key, Seen]
    members: List[Member]
    absent: FrozenSet[str] = frozenset()


def is_namespace(key: Key) -> bool:
    """Whether an object is a namespace."""
    return (key.group, key.kind) == ("", "Namespace")


def is_claim(key: Key) -> bool:
    """Whether an object is a volume claim: data hangs on it."""
    return (key.group, key.kind) == ("", "PersistentVolumeClaim")


def member_body(item: Item, live: Optional[Mapping[str, Any]], set_id: str) -> Json:
    """A wanted object as it is applied.

    With the set's label, a namespace that the set makes with its mark, and a workload with the number of replicas that
    would fall to 1 without.
    """
    body = labelled(item.body, set_id)
    if live:
        body = with_present_number(body, live, MANAGER)
    if is_namespace(item.key) and (live is None or made_by(live) == set_id):
        metadata = body["metadata"]
        annotations = {**(metadata.get("annotations") or {}), CREATED_BY: set_id}
        body = {**body, "metadata": {**metadata, "annotations": annotations}}
    return body


def seen(item: Item, live: Json, set_id: str, ready: bool) -> Seen:
    """A wanted object compared with the one that is there."""
    metadata = live["metadata"]
    # What the holder owns, too, is given up with the next change: by itself that is none.
    body = with_present_number(member_body(item, live, set_id), live, MANAGER, HOLDER)
    cause = difference(body, live, MANAGER)
    owner = (metadata.get("labels") or {}).get(PART_OF, "")
    return Seen(cause, live if cause else None, ready, "deletionTimestamp" in metadata, owner)


def made_by(live: Mapping[str, Any]) -> str:
    """The id of the set that made a namespace, or ""."""
    return str(((live.get("metadata") or {}).get("annotations") or {}).get(CREATED_BY, ""))
