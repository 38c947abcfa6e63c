# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Brings the former state of a set back after a failed run.

What was ours in an object before the run is known from its managedFields: applying just that again gives back its
former values, and gives up what the run added. Fields that the run took from others go back to them.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Sequence, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.cluster.apply import Applied
from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.fields import (
    Fields,
    applied_fields,
    common,
    configuration,
    minus,
    overlaid,
    owned_by_others,
)
from ansible_collections.bunops.platform.plugins.module_utils.cluster.parallel import for_each
from ansible_collections.bunops.platform.plugins.module_utils.cluster.prune import remove
from ansible_collections.bunops.platform.plugins.module_utils.cluster.refusals import Problem, problems_of
from ansible_collections.bunops.platform.plugins.module_utils.cluster.state import (
    MANAGER,
    Member,
    is_claim,
    is_namespace,
)

Json = Dict[str, Any]

_ATTEMPTS = 5


class Undone(NamedTuple):
    """What a rollback did: how many objects have their former state again, how many were removed; what went wrong."""

    restored: int
    removed: int
    problems: List[Problem]


def roll_back(client: Client, done: Sequence[Applied], threads: int) -> Undone:
    """Undo what was applied. Volume claims stay, and namespaces with any. Raises as Client.request() does."""
    changed = [applied for applied in done if applied.changed and not applied.step.creates]
    problems = [
        problem for found in for_each(changed, lambda item: _restore(client, item), threads) for problem in found
    ]
    created = [_member(applied) for applied in done if applied.step.creates]
    removed: List[Member] = []
    remove(client, [member for member in created if not _holds_data(client, member)], threads, removed)
    return Undone(len(changed) - len({problem.key for problem in problems}), len(removed), problems)


def former_configuration(former: Mapping[str, Any]) -> Json:
    """What to apply so that just those fields of an object are ours that were, with their values. Pure."""
    return configuration(applied_fields(former, MANAGER, any_version=True) or {}, former)


def taken_fields(former: Mapping[str, Any], result: Mapping[str, Any]) -> List[Tuple[str, Fields]]:
    """The fields that an apply has taken from others: whose, and which. Pure."""
    ours: Fields = applied_fields(former, MANAGER, any_version=True) or {}
    now: Fields = applied_fields(result, MANAGER) or {}
    taken = [(name, minus(common(theirs, now), ours)) for name, theirs in owned_by_others(former, MANAGER)]
    return [(name, fields) for name, fields in taken if fields]


def _restore(client: Client, applied: Applied) -> List[Problem]:
    path = applied.step.item.path
    former = applied.step.former or {}
    try:
        for name, fields in taken_fields(former, applied.result or {}):
            _give_back(client, path, name, fields, former)
        client.request("PATCH", path, former_configuration(former), {"fieldManager": MANAGER, "force": "true"}, APPLY)
    except ApiError as error:
        return problems_of(applied.step.item.key, error)
    return []


def _give_back(client: Client, path: str, name: str, fields: Fields, former: Mapping[str, Any]) -> None:
    """Set fields to their former values in the name of their former manager: what is only ours would go next time."""
    for attempt in range(_ATTEMPTS):
        live = client.request("GET", path)
        try:
            client.request("PUT", path, overlaid(fields, live, former), {"fieldManager": name})
            return
        except ApiError as error:
            # Somebody else has written in between.
            if error.status != 409 or attempt == _ATTEMPTS - 1:
                raise


def _member(applied: Applied) -> Member:
    item = applied.step.item
    return Member(item.key, item.resource, (applied.result or {})["metadata"]["uid"])


def _holds_data(client: Client, member: Member) -> bool:
    if is_claim(member.key):
        return True
    if not is_namespace(member.key):
        return False
    return next(client.list("v1", "PersistentVolumeClaim", member.key.name, names_only=True), None) is not None
