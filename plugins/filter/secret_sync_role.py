# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The rights that secret_sync needs in a namespace."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.bunops.platform.plugins.module_utils.secrets.role import Uses, role

DOCUMENTATION = r"""
name: secret_sync_role
author: bunops contributors (@bunops)
version_added: 0.1.0
short_description: Make the least Role with which secret_sync can work in a namespace
description:
  - Gives the C(Role) that M(bunops.platform.secret_sync) needs for a target in a namespace of a cluster, and the
    C(RoleBinding) that gives it to somebody, as objects for M(bunops.platform.k8s_set).
  - Kubernetes cannot limit a list of Secrets to some of them. The Role can read and change all Secrets of the
    namespace, so a namespace should hold nothing that who has this Role must not see.
positional: _input, subjects
options:
  _input:
    description: The namespace.
    type: str
    required: true
  subjects:
    description: Who gets the Role, each as a C(RoleBinding) has it.
    type: list
    elements: dict
    required: true
  name:
    description: Name of both objects.
    type: str
    default: secret-sync
  targets:
    description: Kinds of targets that runs have in the namespace.
    type: list
    elements: str
    choices: [kubernetes, external_secrets]
    default: [kubernetes]
  roll:
    description: Whether runs roll what uses changed secrets.
    type: bool
    default: false
  collect:
    description:
      - Whether runs remove versions above O(bunops.platform.secret_sync#module:keep), secrets that left the set, and
        sets. To know what is still used, they have to list what can use a Secret.
      - Without these rights such runs fail.
    type: bool
    default: true
  reads:
    description: Names of Secrets in the namespace that are sources of secrets.
    type: list
    elements: str
    default: []
seealso:
  - module: bunops.platform.secret_sync
"""

EXAMPLES = r"""
- name: Let the deployment account keep secrets in a namespace and roll what uses them
  bunops.platform.k8s_set:
    name: secret-sync
    namespace: atlas
    objects: "{{ 'atlas' | bunops.platform.secret_sync_role([account], roll=true) }}"
  vars:
    account: {kind: ServiceAccount, name: deployer, namespace: ops}

- name: Let a group of people keep objects for External Secrets Operator only
  bunops.platform.k8s_set:
    name: secret-sync
    namespace: shop
    objects: "{{ 'shop' | bunops.platform.secret_sync_role([group], targets=['external_secrets']) }}"
  vars:
    group: {apiGroup: rbac.authorization.k8s.io, kind: Group, name: operators}

- name: Let the same account read one Secret of another namespace
  bunops.platform.k8s_set:
    name: secret-sync
    namespace: shared
    objects: "{{ 'shared' | bunops.platform.secret_sync_role([account], targets=[], reads=['creds']) }}"
  vars:
    account: {kind: ServiceAccount, name: deployer, namespace: ops}
"""

RETURN = r"""
_value:
  description: The Role and the RoleBinding.
  type: list
  elements: dict
"""

TARGETS = ("kubernetes", "external_secrets")


def secret_sync_role(
    namespace: str,
    subjects: Sequence[Mapping[str, Any]],
    *,
    name: str = "secret-sync",
    targets: Sequence[str] = ("kubernetes",),
    roll: bool = False,
    collect: bool = True,
    reads: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """See DOCUMENTATION."""
    unknown = sorted(set(targets) - set(TARGETS))
    if not namespace:
        raise AnsibleFilterError("secret_sync_role: no namespace is given")
    if not subjects:
        raise AnsibleFilterError("secret_sync_role: no subjects are given; expected who gets the Role")
    if unknown:
        raise AnsibleFilterError(f"secret_sync_role: targets: {', '.join(unknown)}; expected {' or '.join(TARGETS)}")
    uses = Uses("kubernetes" in targets, roll, collect, "external_secrets" in targets, reads)
    return role(namespace, name, uses, subjects)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"secret_sync_role": secret_sync_role}
