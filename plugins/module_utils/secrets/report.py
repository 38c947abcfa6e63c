# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a run says: names, versions and ages; never a value."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.secrets.plan import (
    ADDED,
    CHANGED,
    REMOVED,
    UNCHANGED,
    Change,
    overall,
)
from ansible_collections.bunops.platform.plugins.module_utils.secrets.spec import Secret
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import Holding, Version


def described(changes: Sequence[Change], secrets: Sequence[Secret], now: float) -> List[Dict[str, Any]]:
    """What happened to each secret, in all targets and in each: the module's result `secrets`."""
    kinds = {secret.name: secret.kind or "template" for secret in secrets}
    names = sorted({name for each in changes for name in each.actions})
    return [
        {
            "name": name,
            "source": kinds.get(name, ""),
            "action": overall([each.actions[name] for each in changes if name in each.actions]),
            "targets": [_in_target(each, name, now) for each in changes if name in each.actions],
        }
        for name in names
    ]


def empty(changes: Sequence[Change]) -> List[str]:
    """Names of the secrets that are there without a value."""
    return sorted({name for each in changes for name, version in each.after.items() if not version.files.get(name)})


def _in_target(change: Change, name: str, now: float) -> Dict[str, Any]:
    action = change.actions[name]
    version = (change.before if action == REMOVED else change.after).get(name)
    return {
        "target": change.title,
        "action": action,
        "version": version.number if version else None,
        "age": _age(version, now) if action in (UNCHANGED, REMOVED) else 0,
    }


def _age(version: Optional[Version], now: float) -> Optional[int]:
    """Seconds since a version was made, where the target knows."""
    return None if version is None or version.made is None else max(0, int(now) - version.made)


def differences(changes: Sequence[Change]) -> List[Dict[str, str]]:
    """Ansible's diff documents, one a target that changes: a line for each secret that does."""
    return [
        {
            "before_header": each.title,
            "after_header": each.title,
            "before": _lines(each.actions, (CHANGED, REMOVED), each.before, "former definition"),
            "after": _lines(each.actions, (ADDED, CHANGED), each.after, "new definition"),
        }
        for each in changes
        if each.is_change()
    ]


def _lines(actions: Mapping[str, str], shown: Sequence[str], holding: Holding, otherwise: str) -> str:
    """`API_KEY: version 2`, or otherwise where the target knows no versions."""
    return "".join(
        "%s: %s\n" % (name, "version %d" % holding[name].number if name in holding else otherwise)
        for name in sorted(actions)
        if actions[name] in shown
    )
