# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""One look at the cluster: the awaited objects, and what belongs to those that are not ready."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness import pods
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.events import by_object
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.explain import (
    CONTROLLERS,
    REFUSED_IN_EVENTS,
)
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import Object, Reader, Target
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.plain import (
    condition,
    controller_uid,
    dig,
    holds,
    items,
    slim,
    text,
)
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.relatives import Relatives, claim_key

# More objects than that in one namespace are not asked about one by one.
_SINGLY = 8
# Kinds whose own events tell the cause; those of others are read when the time is up.
_TELLING = (*REFUSED_IN_EVENTS, "PersistentVolumeClaim", "Pod")

_Groups = Dict[str, List[Object]]


class Observer:
    """Reads through a client. Raises what the client raises.

    Pods, events and the like only explain: where the user may not read them, the wait goes on without.
    """

    def __init__(self, reader: Reader, label_selector: Optional[str]) -> None:
        self._reader = reader
        self._label_selector = label_selector
        self._forbidden: Set[str] = set()

    def targets(self, wanted: Iterable[Target]) -> Iterator[Tuple[Target, Dict[str, Any]]]:
        """The awaited objects that exist, by one LIST a kind and namespace."""
        groups: Dict[Tuple[str, str, str], Dict[str, Target]] = {}
        for target in wanted:
            groups.setdefault((target.api_version, target.kind, target.namespace), {})[target.name] = target
        for (api_version, kind, namespace), names in groups.items():
            selector = self._label_selector
            field = f"metadata.name={next(iter(names))}" if selector is None and len(names) == 1 else None
            for value in self._reader.list(api_version, kind, namespace or None, selector, field):
                name = text(value, "metadata", "name")
                if name in names:
                    yield names[name], value

    def around(self, pending: Mapping[Target, Object], with_all_events: bool) -> Relatives:
        """What belongs to the objects that are not ready."""
        found = Relatives()
        by_namespace: _Groups = {}
        for target, value in pending.items():
            if target.namespace:
                by_namespace.setdefault(target.namespace, []).append(value)
        for namespace, values in by_namespace.items():
            self._read_namespace(namespace, values, found, with_all_events)
        return found

    def _read_namespace(
        self, namespace: str, values: Sequence[Object], found: Relatives, with_all_events: bool
    ) -> None:
        found_sets = self._controlled("apps/v1", "ReplicaSet", namespace, _of(values, "Deployment"))
        sets = _flat(found_sets)
        daemons = _of(values, "DaemonSet")
        found_pods = self._controlled("v1", "Pod", namespace, _of(values, *CONTROLLERS), sets)
        unready = _flat(found_pods)
        claims = self._pending_claims(namespace, [*unready, *_of(values, "Pod")])
        telling = values if with_all_events else _of(values, *_TELLING)
        events = by_object(self._events(namespace, [*telling, *unready, *claims.values()]))
        refused = any(event.reason == "FailedCreate" for group in events.values() for event in group)
        if (refused or _lack_room([*values, *sets, *unready])) and self._pods_leave(namespace):
            found.leaving.add(namespace)
        found.replica_sets.update(found_sets)
        found.revisions.update(self._controlled("apps/v1", "ControllerRevision", namespace, daemons))
        found.pods.update(found_pods)
        found.claims.update(claims)
        found.events.update(events)

    def _pods_leave(self, namespace: str) -> bool:
        return any(text(pod, "metadata", "deletionTimestamp") for pod in self._listed("v1", "Pod", namespace))

    def _controlled(
        self, api_version: str, kind: str, namespace: str, owners: Sequence[Object], between: Sequence[Object] = ()
    ) -> _Groups:
        """What the owners select, and they (or objects between, such as ReplicaSets) control; by controller.

        Of pods, those that are not ready.
        """
        uids = {text(owner, "metadata", "uid") for owner in (*owners, *between)}
        selectors = {selector_text(owner) for owner in owners}
        asked = sorted(selector or "" for selector in selectors) if len(selectors) <= _SINGLY else [""]
        found: Dict[str, Dict[str, Object]] = {}
        for selector in asked:
            for value in self._listed(api_version, kind, namespace, label_selector=selector or None):
                uid = controller_uid(value)
                if uid in uids and not (kind == "Pod" and holds(value, "Ready")):
                    # A ControllerRevision has its number beside its metadata.
                    kept = {**slim(value), **({"revision": value["revision"]} if "revision" in value else {})}
                    found.setdefault(uid, {})[text(value, "metadata", "name")] = kept
        return {uid: list(group.values()) for uid, group in found.items()}

    def _pending_claims(self, namespace: str, unready: Sequence[Object]) -> Dict[str, Object]:
        names = {name for pod in unready for name in pods.claims_of(pod)}
        if not names:
            return {}
        return {
            claim_key(namespace, text(value, "metadata", "name")): slim(value)
            for value in self._listed("v1", "PersistentVolumeClaim", namespace)
            if text(value, "metadata", "name") in names and text(value, "status", "phase") == "Pending"
        }

    def _events(self, namespace: str, values: Sequence[Object]) -> Iterator[Object]:
        uids = {text(value, "metadata", "uid") for value in values}
        if len(uids) > _SINGLY:
            every = self._listed("v1", "Event", namespace)
            yield from (value for value in every if text(value, "involvedObject", "uid") in uids)
            return
        for uid in uids:
            yield from self._listed("v1", "Event", namespace, field_selector=f"involvedObject.uid={uid}")

    def _listed(self, api_version: str, kind: str, namespace: str, **selectors: Any) -> Iterator[Dict[str, Any]]:
        if kind in self._forbidden:
            return
        try:
            yield from self._reader.list(api_version, kind, namespace, **selectors)
        except ApiError as error:
            if error.status != 403:
                raise
            self._forbidden.add(kind)


def selector_text(owner: Object) -> Optional[str]:
    """An object's selector as the API takes it in queries; None if it has none.

    https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
    """
    selector = dig(owner, "spec", "selector")
    if not isinstance(selector, dict):
        return None
    if "matchLabels" not in selector and "matchExpressions" not in selector:
        # A ReplicationController's.
        selector = {"matchLabels": selector}
    parts = [f"{key}={value}" for key, value in sorted((selector.get("matchLabels") or {}).items())]
    parts += [_OPERATORS[item["operator"]](item) for item in items(selector, "matchExpressions")]
    return ",".join(parts) or None


_OPERATORS: Dict[str, Callable[[Mapping[str, Any]], str]] = {
    "In": lambda item: f"{item['key']} in ({','.join(item['values'])})",
    "NotIn": lambda item: f"{item['key']} notin ({','.join(item['values'])})",
    "Exists": lambda item: str(item["key"]),
    "DoesNotExist": lambda item: f"!{item['key']}",
}


def _of(values: Sequence[Object], *kinds: str) -> List[Object]:
    return [value for value in values if value.get("kind") in kinds]


def _flat(groups: _Groups) -> List[Object]:
    return [value for group in groups.values() for value in group]


def _lack_room(values: Sequence[Object]) -> bool:
    """Whether a pod finds no node, or a ReplicaSet may not create one."""
    return any(
        text(condition(item, "PodScheduled"), "status") == "False" or holds(item, "ReplicaFailure") for item in values
    )
