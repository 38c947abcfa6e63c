# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What belongs to the objects that are not ready: their pods, claims and events. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict, List, Optional, Sequence, Set

from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.events import Event
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import Object
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.plain import dig, number, text

_REVISION = "deployment.kubernetes.io/revision"
_HASH = "controller-revision-hash"


@dataclass
class Relatives:
    """Objects around those that are not ready, as far as they tell something.

    pods: those that are not ready, replica_sets, revisions: by the uid of their controller. claims: those that are
    Pending, by claim_key(). events: by the uid of what they are about, oldest first. leaving: namespaces in which pods
    are about to make room; known only where room is short.
    """

    pods: Dict[str, List[Object]] = field(default_factory=dict)
    replica_sets: Dict[str, List[Object]] = field(default_factory=dict)
    revisions: Dict[str, List[Object]] = field(default_factory=dict)
    claims: Dict[str, Object] = field(default_factory=dict)
    events: Dict[str, List[Event]] = field(default_factory=dict)
    leaving: Set[str] = field(default_factory=set)

    def events_of(self, value: Object) -> Sequence[Event]:
        """The events about an object, oldest first."""
        return self.events.get(text(value, "metadata", "uid"), ())

    def pods_of(self, value: Object) -> Sequence[Object]:
        """The pods that an object controls itself, of all revisions, the newest first."""
        found = self.pods.get(text(value, "metadata", "uid"), [])
        return sorted(found, key=lambda pod: text(pod, "metadata", "creationTimestamp"), reverse=True)

    def leave(self, value: Object) -> bool:
        """Whether other pods in the object's namespace are about to make room."""
        return text(value, "metadata", "namespace") in self.leaving


def claim_key(namespace: str, name: str) -> str:
    """How a claim is found in Relatives.claims."""
    return f"{namespace}/{name}"


def newest_replica_set(deployment: Object, around: Relatives) -> Optional[Object]:
    """The ReplicaSet of a Deployment's newest revision, None if its controller has not made it yet."""
    revision = dig(deployment, "metadata", "annotations", _REVISION)
    sets = around.replica_sets.get(text(deployment, "metadata", "uid"), [])
    return next((item for item in sets if dig(item, "metadata", "annotations", _REVISION) == revision), None)


def newest_pods(value: Object, around: Relatives) -> Sequence[Object]:
    """The pods of an object's newest revision (a Pod: itself)."""
    kind = value.get("kind")
    if kind == "Pod":
        return [value]
    if kind == "Deployment":
        newest = newest_replica_set(value, around)
        return around.pods_of(newest) if newest else []
    owned = around.pods_of(value)
    if kind == "StatefulSet":
        # Those below the partition are to stay as they are.
        if number(value, "spec", "updateStrategy", "rollingUpdate", "partition"):
            return owned
        return _of_revision(owned, text(value, "status", "updateRevision"))
    if kind == "DaemonSet":
        revisions = around.revisions.get(text(value, "metadata", "uid"), [])
        last = max(revisions, key=lambda item: number(item, "revision"), default=None)
        return _of_revision(owned, text(last, "metadata", "labels", _HASH))
    return owned


def _of_revision(found: Sequence[Object], revision: str) -> Sequence[Object]:
    return [pod for pod in found if revision and dig(pod, "metadata", "labels", _HASH) == revision]
