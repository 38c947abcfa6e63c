# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Reading objects of the API, which leave out whatever is empty. Pure."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import Object

# What a wait looks at besides the status; the rest is not kept, sets can have thousands of objects.
_KEPT_METADATA = (
    "name",
    "namespace",
    "uid",
    "creationTimestamp",
    "generation",
    "deletionTimestamp",
    "labels",
    "annotations",
    "ownerReferences",
)
_BULKY_ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"
# Pod templates and definitions are not looked at.
_LEFT_OUT = ("template", "versions", "volumeClaimTemplates", "jobTemplate")


def dig(value: Any, *path: str) -> Any:
    """What is at that path, None if there is nothing."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def number(value: Any, *path: str, default: int = 0) -> int:
    """The integer at that path."""
    found = dig(value, *path)
    return found if isinstance(found, int) else default


def text(value: Any, *path: str) -> str:
    """The text at that path, "" if there is none."""
    found = dig(value, *path)
    return found if isinstance(found, str) else ""


def items(value: Any, *path: str) -> List[Dict[str, Any]]:
    """The list of objects at that path."""
    found = dig(value, *path)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def condition(value: Object, kind: str) -> Optional[Dict[str, Any]]:
    """The condition of that type in the object's status."""
    return next((item for item in items(value, "status", "conditions") if item.get("type") == kind), None)


def holds(value: Object, kind: str) -> bool:
    """Whether the condition of that type is True."""
    return text(condition(value, kind), "status") == "True"


def controller_uid(value: Object) -> str:
    """The uid of the object that controls this one."""
    owners = items(value, "metadata", "ownerReferences")
    return next((text(owner, "uid") for owner in owners if owner.get("controller")), "")


def slim(value: Object) -> Dict[str, Any]:
    """A copy with what a wait looks at, at a fraction of the size."""
    metadata = value.get("metadata") or {}
    kept = {key: metadata[key] for key in _KEPT_METADATA if key in metadata}
    if "annotations" in kept:
        kept["annotations"] = {k: v for k, v in kept["annotations"].items() if k != _BULKY_ANNOTATION}
    spec = value.get("spec")
    if isinstance(spec, dict):
        spec = {key: item for key, item in spec.items() if key not in _LEFT_OUT}
    return {
        "apiVersion": value.get("apiVersion"),
        "kind": value.get("kind"),
        "metadata": kept,
        "spec": spec,
        "status": value.get("status"),
    }
