# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The least rights that a sync to a namespace needs, as RBAC objects. Pure.

https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Sequence, Set, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.cluster.discovery import group_of
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.kubernetes_users import USERS

Json = Dict[str, Any]

_RBAC = "rbac.authorization.k8s.io"
_ROLLED = ("daemonsets", "deployments", "statefulsets")
# What explains why a workload does not become healthy.
_EXPLAINING = (
    ("", "events"),
    ("", "persistentvolumeclaims"),
    ("", "pods"),
    ("apps", "controllerrevisions"),
    ("apps", "replicasets"),
)


class Uses(NamedTuple):
    """What runs do in the namespace.

    write: keep Secrets there. roll: roll the workloads that use them. collect: remove old versions, or all of a set.
    external: keep objects of External Secrets Operator. reads: names of Secrets that are sources.
    """

    write: bool = True
    roll: bool = False
    collect: bool = True
    external: bool = False
    reads: Sequence[str] = ()


def role(namespace: str, name: str, uses: Uses, subjects: Sequence[Mapping[str, Any]]) -> List[Json]:
    """The Role and its RoleBinding. subjects: who gets it, as a RoleBinding has them."""
    return [
        {
            "apiVersion": "%s/v1" % _RBAC,
            "kind": "Role",
            "metadata": {"name": name, "namespace": namespace},
            "rules": _rules(uses),
        },
        {
            "apiVersion": "%s/v1" % _RBAC,
            "kind": "RoleBinding",
            "metadata": {"name": name, "namespace": namespace},
            "roleRef": {"apiGroup": _RBAC, "kind": "Role", "name": name},
            "subjects": [dict(subject) for subject in subjects],
        },
    ]


def _rules(uses: Uses) -> List[Json]:
    """One for each API group and set of verbs."""
    verbs: Dict[Tuple[str, str], Set[str]] = {}
    for group, resource, verb in _rights(uses):
        verbs.setdefault((group, resource), set()).add(verb)
    together: Dict[Tuple[str, Tuple[str, ...]], List[str]] = {}
    for (group, resource), allowed in sorted(verbs.items()):
        together.setdefault((group, tuple(sorted(allowed))), []).append(resource)
    rules: List[Json] = [
        {"apiGroups": [group], "resources": resources, "verbs": list(allowed)}
        for (group, allowed), resources in sorted(together.items())
    ]
    if uses.reads:
        rules.append(
            {"apiGroups": [""], "resources": ["secrets"], "resourceNames": sorted(set(uses.reads)), "verbs": ["get"]}
        )
    return rules


def _rights(uses: Uses) -> Iterator[Tuple[str, str, str]]:
    """API group, resource and verb of each right."""
    if uses.write:
        # An apply needs both create and patch.
        yield from (("", "secrets", verb) for verb in ("list", "create", "patch"))
    if uses.write and uses.roll:
        # Deletion: of versions with which nothing became healthy, and of pods that stand in the way back.
        yield from (("", "secrets", "delete"), ("", "pods", "delete"), ("", "pods/log", "get"))
        yield from (("apps", resource, verb) for resource in _ROLLED for verb in ("list", "patch"))
        yield from ((group, resource, "list") for group, resource in _EXPLAINING)
    if uses.write and uses.collect:
        yield ("", "secrets", "delete")
        yield from ((group_of(api_version), resource, "list") for api_version, _unused, resource in USERS)
    if uses.external:
        for resource in ("externalsecrets", "secretstores"):
            yield from (("external-secrets.io", resource, verb) for verb in ("list", "create", "patch", "delete"))
