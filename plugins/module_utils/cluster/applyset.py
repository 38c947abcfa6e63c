# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""ApplySets: how the cluster itself knows which objects belong together. Pure.

A parent object (here a ConfigMap) names the kinds and namespaces of the members, each member carries the set's id as
a label; so what is not wanted any more is found without any state outside the cluster, and other tools see it too.
https://github.com/kubernetes/enhancements/blob/master/keps/sig-cli/3659-kubectl-apply-prune/README.md
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any, Dict, FrozenSet, Iterable, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ClusterError

Json = Dict[str, Any]

PART_OF = "applyset.kubernetes.io/part-of"
ID = "applyset.kubernetes.io/id"
TOOLING = "applyset.kubernetes.io/tooling"
GROUP_KINDS = "applyset.kubernetes.io/contains-group-kinds"
NAMESPACES = "applyset.kubernetes.io/additional-namespaces"
# On namespaces: the id of the set that made them. Others are never removed.
CREATED_BY = "bunops.platform/created-by"

_TOOL = "bunops.platform"
# Of these records, not of the collection.
_VERSION = "v1.0.0"


class Membership(NamedTuple):
    """Where members are: kinds as ("Deployment", "apps"), and the namespaces besides the parent's own."""

    kinds: FrozenSet[Tuple[str, str]] = frozenset()
    namespaces: FrozenSet[str] = frozenset()

    def union(self, other: Membership) -> Membership:
        """Where members of either are."""
        return Membership(self.kinds | other.kinds, self.namespaces | other.namespaces)


class SetName(NamedTuple):
    """A set's name and the namespace of its parent object."""

    name: str
    namespace: str

    @property
    def parent(self) -> str:
        """Name of the parent, a ConfigMap. Not the set's own name: a member may well have that."""
        return f"{self.name}-applyset"

    @property
    def lease(self) -> str:
        """Name of the Lease that a run holds."""
        return f"{self.name}-apply"

    @property
    def id(self) -> str:
        """The id, made from the parent's name, namespace, kind and group, as the specification says."""
        source = f"{self.parent}.{self.namespace}.ConfigMap."
        digest = base64.urlsafe_b64encode(hashlib.sha256(source.encode()).digest()).rstrip(b"=").decode()
        return f"applyset-{digest}-v1"


def parent_object(name: SetName, membership: Membership) -> Json:
    """The parent as it is applied."""
    kinds = sorted(f"{kind}.{group}" if group else kind for kind, group in membership.kinds)
    annotations = {TOOLING: f"{_TOOL}/{_VERSION}", GROUP_KINDS: ",".join(kinds)}
    if membership.namespaces:
        annotations[NAMESPACES] = ",".join(sorted(membership.namespaces))
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": name.parent,
            "namespace": name.namespace,
            "labels": {ID: name.id},
            "annotations": annotations,
        },
    }


def membership_of(name: SetName, parent: Optional[Mapping[str, Any]]) -> Membership:
    """Where a parent says that members are; nowhere without one. Raises ClusterError: somebody else's parent."""
    if parent is None:
        return Membership()
    metadata = parent.get("metadata") or {}
    labels, annotations = metadata.get("labels") or {}, metadata.get("annotations") or {}
    where = f"ConfigMap {name.namespace}/{name.parent}"
    if labels.get(ID) != name.id:
        raise ClusterError(f"{where} is there, but is not the parent of this set: give the set another name.")
    tool = annotations.get(TOOLING, "").partition("/")[0]
    if tool != _TOOL:
        raise ClusterError(f"{where}: this set is kept by {tool or 'another tool'}, which may be at work on it.")
    kinds = (entry.partition(".") for entry in annotations.get(GROUP_KINDS, "").split(",") if entry)
    spaces = (entry for entry in annotations.get(NAMESPACES, "").split(",") if entry)
    return Membership(frozenset((kind, group) for kind, _unused, group in kinds), frozenset(spaces))


def membership_for(name: SetName, members: Iterable[Tuple[str, str, str]]) -> Membership:
    """Where given members are; members: kind, group and namespace of each."""
    listed = list(members)
    return Membership(
        frozenset((kind, group) for kind, group, _unused in listed),
        frozenset(space for _unused, _none, space in listed if space and space != name.namespace),
    )


def labelled(body: Json, set_id: str) -> Json:
    """A member as it is applied: with the set's label."""
    metadata = body["metadata"]
    return {**body, "metadata": {**metadata, "labels": {**(metadata.get("labels") or {}), PART_OF: set_id}}}
