# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""One look at the cluster: what is there of the wanted objects, and which members of the set nobody wants any more.

Members are listed by the set's label, one list a kind and namespace; each object is compared as it arrives, and only
what the plan needs is kept. Wanted objects that are no members yet are looked up besides.
"""

from __future__ import annotations

from typing import Any, Dict, FrozenSet, Iterable, Iterator, List, Sequence, Set, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.cluster.applyset import (
    PART_OF,
    Membership,
    SetName,
    membership_of,
)
from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.discovery import Resource
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError, ClusterError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.objects import Item, Key
from ansible_collections.bunops.platform.plugins.module_utils.cluster.parallel import for_each
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.judge import judge
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import Expectation
from ansible_collections.bunops.platform.plugins.module_utils.cluster.state import (
    Member,
    Observed,
    Seen,
    is_namespace,
    made_by,
    seen,
)

Json = Dict[str, Any]
# A kind, and a namespace or "".
Place = Tuple[Resource, str]

# From so many wanted objects on, one list of names is cheaper than single questions.
_MANY = 4


def observe(
    client: Client, name: SetName, items: Sequence[Item], threads: int, expectations: Sequence[Expectation] = ()
) -> Observed:
    """Look at the cluster. Raises ClusterError: the parent is somebody else's; and as Client.request() does."""
    parent = client.get("v1", "ConfigMap", name.namespace, name.parent)
    recorded = membership_of(name, parent)
    look = _Look(client, name, items, threads, expectations)
    look.list_members(recorded)
    absent = look.look_up_missing()
    return Observed(parent, recorded, look.seen, look.unwanted(), absent)


class _Look:
    def __init__(
        self, client: Client, name: SetName, items: Sequence[Item], threads: int, expectations: Sequence[Expectation]
    ) -> None:
        self._client = client
        self._name = name
        self._wanted = {item.key: item for item in items}
        self._threads = threads
        self._expectations = expectations
        self._members: List[Member] = []
        self.seen: Dict[Key, Seen] = {}

    def list_members(self, recorded: Membership) -> None:
        for_each(list(self._places(recorded)), self._list_place, self._threads)

    def unwanted(self) -> List[Member]:
        """The members that are not wanted; namespaces of ours with whether volume claims are in them."""
        unique = {member.key: member for member in self._members}
        return for_each([unique[key] for key in sorted(unique)], self._with_claims, self._threads)

    def look_up_missing(self) -> FrozenSet[str]:
        """Find the wanted objects that are no members; the namespaces that are not there, or are going."""
        missing = [item for key, item in self._wanted.items() if key not in self.seen and not item.foreseen]
        absent = self._absent_namespaces(missing)
        groups: Dict[Place, List[Item]] = {}
        for item in missing:
            if item.key not in self.seen and item.key.namespace not in absent and not is_namespace(item.key):
                groups.setdefault((item.resource, item.key.namespace), []).append(item)
        present = for_each(list(groups.items()), self._present, self._threads)
        for_each([item for group in present for item in group], self._look_up, self._threads)
        return absent

    def _places(self, recorded: Membership) -> Iterator[Place]:
        """The recorded kinds, in the version in which they are wanted, with the namespaces to look in."""
        resources: Set[Resource] = set()
        for item in self._wanted.values():
            if (item.key.kind, item.key.group) in recorded.kinds and not item.foreseen:
                resources.add(item.resource)
        wanted = {(resource.kind, resource.group) for resource in resources}
        for kind, group in recorded.kinds - wanted:
            resource = self._client.discovery().preferred(group, kind)
            if resource:
                resources.add(resource)
            elif self._client.discovery().is_unreadable(group):
                raise ClusterError(f"The API server cannot tell just now what {kind}s of {group} there are.")
            # Else the kind is gone, and its objects with it.
        spaces = sorted({self._name.namespace, *recorded.namespaces})
        return (
            (resource, space) for resource in sorted(resources) for space in (spaces if resource.namespaced else [""])
        )

    def _list_place(self, place: Place) -> None:
        resource, space = place
        selector = f"{PART_OF}={self._name.id}"
        for live in self._client.list(resource.api_version, resource.kind, space or None, selector):
            metadata = live["metadata"]
            key = Key(resource.group, resource.kind, metadata.get("namespace", ""), metadata["name"])
            item = self._wanted.get(key)
            if item is None:
                ours = is_namespace(key) and made_by(live) == self._name.id
                self._members.append(Member(key, resource, metadata["uid"], "deletionTimestamp" in metadata, ours))
            elif item.resource == resource:
                self._note(item, live)

    def _with_claims(self, member: Member) -> Member:
        if not member.ours or member.going:
            return member
        claims = self._client.list("v1", "PersistentVolumeClaim", member.key.name, names_only=True)
        return member._replace(claims=next(claims, None) is not None)

    def _absent_namespaces(self, missing: Iterable[Item]) -> FrozenSet[str]:
        spaces = {self._name.namespace}
        spaces.update(item.key.name if is_namespace(item.key) else item.key.namespace for item in missing)
        # Where an object was seen, there is a namespace; only its end may have begun.
        known = {key.name if is_namespace(key) else key.namespace for key in self.seen}
        asked = sorted(spaces - known - {""})
        there = for_each(asked, self._namespace_stays, self._threads)
        absent = {space for space, stays in zip(asked, there) if not stays}
        return frozenset(absent | {key.name for key, found in self.seen.items() if is_namespace(key) and found.going})

    def _namespace_stays(self, space: str) -> bool:
        try:
            live = self._client.get("v1", "Namespace", None, space)
        except ApiError as error:
            # Who may work in a namespace need not be allowed to look at it.
            if error.status == 403:
                return True
            raise
        item = self._wanted.get(Key("", "Namespace", "", space))
        if live and item:
            self._note(item, live)
        return live is not None and "deletionTimestamp" not in live["metadata"]

    def _present(self, group: Tuple[Place, List[Item]]) -> List[Item]:
        """Those of some wanted objects that may be there."""
        (resource, space), items = group
        if len(items) < _MANY:
            return items
        names = {
            live["metadata"]["name"]
            for live in self._client.list(resource.api_version, resource.kind, space or None, names_only=True)
        }
        return [item for item in items if item.key.name in names]

    def _look_up(self, item: Item) -> None:
        live = self._client.get(
            item.resource.api_version, item.resource.kind, item.key.namespace or None, item.key.name
        )
        if live:
            self._note(item, live)

    def _note(self, item: Item, live: Json) -> None:
        ready = judge(live, self._expectations).ready
        self.seen[item.key] = seen(item, live, self._name.id, ready)
