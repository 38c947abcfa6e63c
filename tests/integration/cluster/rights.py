# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""When rights count that were just given: the API server learns of Roles and their bindings as other clients do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.tests.integration.queue_meter.waiting import eventually


def await_rights(admin: Client, namespace: str, account: str, rule: Mapping[str, Sequence[str]]) -> None:
    """Wait until an account may do what the first words of a rule of its Role say; the others come with it."""
    eventually(lambda: _may(admin, namespace, account, rule), f"{account} has its rights in {namespace}")


def await_no_rights(admin: Client, namespace: str, account: str, rule: Mapping[str, Sequence[str]]) -> None:
    """Wait until it may not any more."""
    eventually(lambda: not _may(admin, namespace, account, rule), f"{account} has lost its rights in {namespace}")


def _may(admin: Client, namespace: str, account: str, rule: Mapping[str, Sequence[str]]) -> bool:
    resource, _unused, subresource = rule["resources"][0].partition("/")
    asked = {
        "namespace": namespace,
        "group": rule["apiGroups"][0],
        "resource": resource,
        "subresource": subresource,
        "verb": rule["verbs"][0],
        "name": rule.get("resourceNames", [""])[0],
    }
    spec = {"user": f"system:serviceaccount:{namespace}:{account}", "resourceAttributes": asked}
    path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    answer: dict[str, Any] = admin.request("POST", path, {"spec": spec})
    return bool(answer["status"]["allowed"])
