# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a real API server answered once, and short forms of objects and kinds for the tests."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.bunops.platform.plugins.module_utils.cluster.discovery import Discovery

HERE = Path(__file__).parent
RECORDED = HERE / "recorded/kubernetes-1.37"
MANAGER = "bunops-platform"

# Objects that were applied, and how they were there afterwards.
NAMES = [path.stem for path in sorted(RECORDED.glob("*.json")) if "desired" in json.loads(path.read_text())]

_VERBS = ["create", "delete", "get", "list", "patch", "update"]
_KINDS = {
    "": {"v1": "ConfigMap Secret Service ServiceAccount Pod PersistentVolumeClaim ResourceQuota -Namespace"},
    "apps": {"v1": "Deployment StatefulSet"},
    "networking.k8s.io": {"v1": "NetworkPolicy"},
    "autoscaling": {"v2": "HorizontalPodAutoscaler", "v1": "HorizontalPodAutoscaler"},
    "rbac.authorization.k8s.io": {"v1": "Role -ClusterRole"},
    "coordination.k8s.io": {"v1": "Lease"},
    "apiextensions.k8s.io": {"v1": "-CustomResourceDefinition"},
    "admissionregistration.k8s.io": {"v1": "-Hook"},
}


def recorded(name: str) -> dict[str, Any]:
    """A recording: {"desired", "live"} of an apply, or {"before", "after"} of one that took fields from others."""
    document: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text())
    return document


def discovery(*extra: dict[str, Any]) -> Discovery:
    """The kinds that the tests use, as an API server would tell; a kind with "-" belongs to no namespace."""
    groups = [{"metadata": {"name": group}, "versions": _versions(versions)} for group, versions in _KINDS.items()]
    return Discovery([{"kind": "APIGroupDiscoveryList", "items": [*groups, *extra]}])


def _versions(versions: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"version": version, "resources": [_kind(word) for word in words.split()]}
        for version, words in versions.items()
    ]


def _kind(word: str) -> dict[str, Any]:
    kind = word.lstrip("-")
    return {
        "resource": f"{kind.lower()}s",
        "responseKind": {"kind": kind},
        "scope": "Cluster" if word.startswith("-") else "Namespaced",
        "verbs": _VERBS,
        "subresources": [{"subresource": "status"}] if kind in ("Deployment", "Pod") else [],
    }


def edited(value: dict[str, Any], edits: dict[str, Any]) -> dict[str, Any]:
    """A copy of an object with some values set; edits: "spec.list.0.field" -> value, "(remove)" or "(reverse)".

    "main." stands for the first container of a pod template; a dot in a name is written as a backslash.
    """
    result = copy.deepcopy(value)
    for path, new in edits.items():
        *above, last = path.replace("main.", "spec.template.spec.containers.0.").split(".")
        node: Any = result
        for part in above:
            node = node[int(part)] if isinstance(node, list) else node.setdefault(part.replace("\\", "."), {})
        key: Any = int(last) if isinstance(node, list) else last.replace("\\", ".")
        if new == "(remove)":
            del node[key]
        elif new == "(reverse)":
            node[key].reverse()
        elif isinstance(node, list) and key == len(node):
            node.append(new)
        else:
            node[key] = new
    return result


def cases(name: str) -> dict[str, dict[str, Any]]:
    """The cases of a file in cases/, by their names."""
    return {case["name"]: case for case in yaml.safe_load((HERE / "cases" / f"{name}.yml").read_text())}
