# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Removes members of a set, and waits until they are gone."""

from __future__ import annotations

import re
import time
from typing import Any, Callable, Dict, List, Sequence, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.discovery import Resource
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import (
    ApiError,
    ClusterError,
    UnknownKind,
)
from ansible_collections.bunops.platform.plugins.module_utils.cluster.objects import CRD_GROUP
from ansible_collections.bunops.platform.plugins.module_utils.cluster.parallel import for_each
from ansible_collections.bunops.platform.plugins.module_utils.cluster.refusals import Problem, Refused, problems_of
from ansible_collections.bunops.platform.plugins.module_utils.cluster.state import MANAGER, Member, is_namespace

Json = Dict[str, Any]

_INTERVAL = 0.3


def remove(
    client: Client,
    members: Sequence[Member],
    threads: int,
    removed: List[Member],
    dry_run: bool = False,
    check: Callable[[], None] = lambda: None,
) -> None:
    """Delete members: custom objects before their CRDs, namespaces last; removed gets them as they go.

    Raises Refused, and what check raises.
    """
    stages: List[List[Member]] = [[], [], []]
    for member in members:
        stages[2 if is_namespace(member.key) else 1 if member.key.group == CRD_GROUP else 0].append(member)

    def delete(member: Member) -> List[Problem]:
        check()
        problems = _delete(client, member, dry_run)
        if not problems:
            removed.append(member)
        return problems

    for stage in stages:
        problems = [problem for found in for_each(stage, delete, threads) for problem in found]
        if problems:
            raise Refused(problems)


def release(client: Client, member: Member, dry_run: bool = False) -> None:
    """Give up what was applied to a namespace that stays: the set's label goes with it."""
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": member.key.name}}
    query = {"fieldManager": MANAGER, "force": "true", "dryRun": "All" if dry_run else None}
    client.request("PATCH", member.resource.path(None, member.key.name), body, query, APPLY)


def await_end(client: Client, members: Sequence[Member], deadline: float) -> None:
    """Wait until deleted members are gone, at most until that moment of time.monotonic(). Raises ClusterError."""
    left = list(members)
    while left:
        places: Dict[Tuple[Resource, str], List[Member]] = {}
        for member in left:
            places.setdefault((member.resource, member.key.namespace), []).append(member)
        left = [member for place, found in places.items() for member in _still_there(client, place, found)]
        if left and time.monotonic() >= deadline:
            names = ", ".join(str(member.key) for member in left)
            raise ClusterError(f"Deleted, but not gone in time: {names}.")
        if left:
            time.sleep(_INTERVAL)


def claims_of(client: Client, members: Sequence[Member]) -> List[Member]:
    """The volume claims that StatefulSets among the members made from their templates."""
    found: List[Member] = []
    for member in members:
        if (member.key.group, member.key.kind) != ("apps", "StatefulSet"):
            continue
        live = client.get(member.resource.api_version, "StatefulSet", member.key.namespace, member.key.name)
        templates = ((live or {}).get("spec") or {}).get("volumeClaimTemplates") or []
        names = "|".join(re.escape(template["metadata"]["name"]) for template in templates)
        if not names:
            continue
        pattern = re.compile(rf"(?:{names})-{re.escape(member.key.name)}-\d+")
        resource = client.discovery().resource("v1", "PersistentVolumeClaim")
        for claim in client.list("v1", "PersistentVolumeClaim", member.key.namespace, names_only=True):
            metadata = claim["metadata"]
            if pattern.fullmatch(metadata["name"]):
                key = member.key._replace(group="", kind="PersistentVolumeClaim", name=metadata["name"])
                found.append(Member(key, resource, metadata["uid"], "deletionTimestamp" in metadata))
    return found


def _delete(client: Client, member: Member, dry_run: bool) -> List[Problem]:
    # Never another object that has got the same name since.
    options: Json = {"preconditions": {"uid": member.uid}, "propagationPolicy": "Background"}
    if dry_run:
        options["dryRun"] = ["All"]
    try:
        client.request("DELETE", member.resource.path(member.key.namespace, member.key.name), options)
    except ApiError as error:
        # Gone already, or another object under its name.
        if error.status in (404, 409):
            return []
        return problems_of(member.key, error)
    return []


def _still_there(client: Client, place: Tuple[Resource, str], members: Sequence[Member]) -> List[Member]:
    resource, space = place
    name = members[0].key.name if len(members) == 1 else None
    field = f"metadata.name={name}" if name else None
    try:
        found = list(client.list(resource.api_version, resource.kind, space or None, None, field, names_only=True))
    except (ApiError, UnknownKind) as error:
        # The kind is gone with its definition.
        if isinstance(error, UnknownKind) or error.status == 404:
            return []
        raise
    uids = {live["metadata"]["uid"] for live in found}
    return [member for member in members if member.uid in uids]
