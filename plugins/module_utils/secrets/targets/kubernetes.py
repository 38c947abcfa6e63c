# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Secrets in a namespace of a cluster: an immutable object for each version of each secret."""

from __future__ import annotations

import json
from typing import Any, Callable, Collection, Dict, List, Mapping, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.parallel import for_each
from ansible_collections.bunops.platform.plugins.module_utils.cluster.state import MANAGER
from ansible_collections.bunops.platform.plugins.module_utils.secrets.derived import KEY_SET
from ansible_collections.bunops.platform.plugins.module_utils.secrets.rollout.workloads import Workloads
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets import kubernetes_objects as objects
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.kubernetes_errors import told
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.kubernetes_objects import Stored
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.kubernetes_users import in_use
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import (
    Files,
    Holding,
    Rollout,
    Version,
)

OPTIONS: Dict[str, Any] = {"namespace": {"type": "str", "required": True}}
_CONNECTIONS = 8


class Kubernetes:
    """The target of one namespace. What it listed is remembered; what it writes is put down there, too.

    key: gives the key for names of new objects; asked only if there is one to make. adopted: secrets of the set, whose
    objects belong to it also if they were made before objects named their set.
    """

    kind = "kubernetes"

    def __init__(
        self,
        set_name: str,
        namespace: str,
        client: Client,
        key: Callable[[], bytes],
        adopted: Collection[str] = (),
    ) -> None:
        self.title = "namespace %s" % namespace
        self._set_name = set_name
        self._namespace = namespace
        self._client = client
        self._key = key
        self._adopted = frozenset(adopted)
        # By the objects' names: as they are, and as they were when they were listed.
        self._known: Optional[Dict[str, Stored]] = None
        self._former: Dict[str, Stored] = {}
        self._is_rolling = False

    def observe(self) -> Holding:
        """One LIST. Raises SecretError."""
        with told(self.title):
            items = self._client.list("v1", "Secret", self._namespace, label_selector=objects.SELECTOR)
            found = [objects.stored(item, self._set_name, self._adopted) for item in items]
        self._known = {each.place: each for each in found if each}
        self._former = dict(self._known)
        return {secret: _version(versions[0]) for secret, versions in self._versions().items()}

    def problems(self, wanted: Mapping[str, Files]) -> List[str]:
        """See Target."""
        found = [*objects.name_problems(wanted), *objects.size_problems(wanted)]
        return ["%s: %s" % (self.title, problem) for problem in found]

    def differs(self, held: Version, files: Files) -> bool:
        """By the bytes, not by the name: with another key of the installation nothing has to change."""
        return held.files != files or not self._objects()[held.place].whole

    def next(self, before: Holding, wanted: Mapping[str, Files], changed: Sequence[str]) -> Holding:
        """See Target. A value that an older version has brings that one's object back."""
        return {
            name: self._next_version(name, files) if name in changed else before[name] for name, files in wanted.items()
        }

    def _next_version(self, secret: str, files: Files) -> Version:
        there = [each for each in self._objects().values() if each.secret == secret]
        number = max((each.number for each in there), default=0) + 1
        same = sorted((each for each in there if each.files == files), key=lambda each: each.number)
        if same:
            return Version(number, same[-1].made, files, same[-1].place)
        return Version(number, None, files, objects.object_name(self._set_name, secret, files, self._key()))

    def write(self, before: Holding, after: Holding) -> None:
        """Make new objects. Those of secrets that left the set stay, for who still uses them, until collect()."""
        made = [self._as_stored(name, after[name]) for name in after if before.get(name) != after[name]]
        left = [
            each._replace(number=0) for each in self._objects().values() if each.number and each.secret not in after
        ]
        self._apply([*made, *left])

    def _as_stored(self, secret: str, version: Version) -> Stored:
        known = self._objects().get(version.place)
        return Stored(
            secret=secret,
            number=version.number,
            place=version.place,
            uid=known.uid if known else "",
            made=version.made,
            files=version.files,
            whole=True,
            rolled=False,
        )

    def restore(self, before: Holding, after: Holding) -> None:  # noqa: ARG002  what was listed says more
        """See Target. Workloads that were rolled still name the new objects: those go when these are back."""
        self.take_back()
        if not self._is_rolling:
            self.discard()

    def take_back(self) -> None:
        """Make the former versions the newest ones again. Raises SecretError."""
        changed = [each for each in self._objects().values() if each != self._former.get(each.place)]
        self._apply([self._former.get(each.place) or each._replace(number=0) for each in changed])

    def discard(self) -> None:
        """Remove the objects that this run has made. Raises SecretError."""
        self._delete([each for each in self._objects().values() if each.place not in self._former])

    def previous(self, held: Holding) -> Holding:
        """The versions before the newest ones, with the numbers that they get when they are the newest again."""
        return {
            secret: _version(versions[1]._replace(number=versions[0].number + 1))
            for secret, versions in self._versions().items()
            if secret in held and len(versions) > 1
        }

    def collect(self, keep: int) -> List[str]:
        """See Target. Costs a LIST for each kind that can name a Secret, if there is anything to remove."""
        unused = self._unused(keep)
        self._delete(unused)
        return sorted(each.place for each in unused)

    def collectable(self, keep: int) -> List[str]:
        """See Target."""
        return sorted(each.place for each in self._unused(keep))

    def _unused(self, keep: int) -> List[Stored]:
        old = [each for versions in self._versions().values() for each in versions[max(keep, 1) :]]
        old += [each for each in self._objects().values() if not each.number]
        if not old:
            return []
        with told(self.title):
            used = in_use(self._client, self._namespace, {each.place for each in old}, _CONNECTIONS)
        return [each for each in old if each.place not in used]

    def remove(self) -> None:
        """See Target. In use or not."""
        self._delete(list(self._objects().values()))

    def rollout(self, before: Holding, after: Holding, changed: Sequence[str]) -> Optional[Rollout]:
        """None if no secret among `changed` has a former version that anything can name."""
        open_ones = {name for name in changed if not self._is_settled(before.get(name), after[name])}
        names = {
            each.place: after[each.secret].place
            for each in self._objects().values()
            if each.secret in open_ones and each.place != after[each.secret].place
        }
        if not names:
            return None
        self._is_rolling = True
        values = [
            value for holding in (before, after) for version in holding.values() for value in version.files.values()
        ]
        return _Rollout(self, Workloads(self._client, self._namespace, names, values), set(names.values()))

    def _is_settled(self, before: Optional[Version], after: Version) -> bool:
        return before == after and self._objects()[after.place].rolled

    def settle(self, places: Collection[str]) -> None:
        """Note that nobody uses former versions any more, so that the next run need not look. Raises SecretError."""
        self._apply([self._objects()[place]._replace(rolled=True) for place in sorted(places)])

    def _objects(self) -> Dict[str, Stored]:
        if self._known is None:
            self.observe()
        return self._known or {}

    def _versions(self) -> Dict[str, List[Stored]]:
        """The versions of each secret, the newest first."""
        found: Dict[str, List[Stored]] = {}
        for each in sorted(self._objects().values(), key=lambda each: -each.number):
            if each.number:
                found.setdefault(each.secret, []).append(each)
        return found

    def _apply(self, versions: Sequence[Stored]) -> None:
        with told(self.title):
            for applied in for_each(versions, self._apply_one, _CONNECTIONS):
                self._objects()[applied.place] = applied

    def _apply_one(self, version: Stored) -> Stored:
        path = self._client.path("v1", "Secret", self._namespace, version.place)
        query = {"fieldManager": MANAGER, "fieldValidation": "Strict", "force": "true"}
        body = objects.manifest(version, self._set_name, self._namespace)
        answer = self._client.request("PATCH", path, body=body, query=query, content_type=APPLY)
        return version._replace(uid=answer["metadata"]["uid"])

    def _delete(self, versions: Sequence[Stored]) -> None:
        with told(self.title):
            for_each(versions, self._delete_one, _CONNECTIONS)
        for each in versions:
            self._objects().pop(each.place, None)

    def _delete_one(self, version: Stored) -> None:
        path = self._client.path("v1", "Secret", self._namespace, version.place)
        # Never another object that has got the same name since.
        options = {"preconditions": {"uid": version.uid}, "propagationPolicy": "Background"}
        try:
            self._client.request("DELETE", path, options)
        except ApiError as error:
            if error.status not in (404, 409):
                raise


class _Rollout:
    """Rolls the workloads, and does in the target what has to wait for that."""

    def __init__(self, target: Kubernetes, workloads: Workloads, places: Collection[str]) -> None:
        self._target = target
        self._workloads = workloads
        self._places = places

    def users(self) -> List[str]:
        return self._workloads.users()

    def roll(self, timeout: float) -> None:
        self._workloads.roll(timeout)
        self._target.settle(self._places)

    def back(self) -> None:
        self._workloads.back()
        # Also the notes that nobody uses them, of secrets that were only rolled.
        self._target.take_back()
        self._target.discard()
        self._workloads.await_former()


def described(holding: Holding) -> Dict[str, Dict[str, Any]]:
    """Each secret's object, without values: `{NAME: {"name": …, "keys": […]}}`, and `jwks` where that is derived."""
    return {secret: _described(secret, version) for secret, version in sorted(holding.items())}


def _described(secret: str, version: Version) -> Dict[str, Any]:
    found = {"name": version.place, "keys": sorted(version.files)}
    public = version.files.get(secret + KEY_SET)
    return found if public is None else {**found, "jwks": json.loads(public)}


def _version(newest: Stored) -> Version:
    return Version(newest.number, newest.made, newest.files, newest.place)
