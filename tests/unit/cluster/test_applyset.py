# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The records that a set keeps in the cluster, against the specification (KEP-3659)."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.applyset import (
    Membership,
    SetName,
    labelled,
    membership_for,
    membership_of,
    parent_object,
)
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ClusterError

NAME = SetName("atlas", "prod")
MEMBERS = membership_for(
    NAME,
    [
        ("Deployment", "apps", "prod"),
        ("Deployment", "apps", "prod-tasks"),
        ("Secret", "", "prod"),
        ("Namespace", "", ""),
        ("Role", "rbac.authorization.k8s.io", "other"),
    ],
)


def test_id() -> None:
    # base64url(sha256("atlas-applyset.prod.ConfigMap.")), as `kubectl apply --applyset` makes it.
    assert NAME.id == "applyset-z1KuZTTZOEdOl3EegzynrrMtRbdkMDrtHbwoWNcTbVI-v1"


def test_parent() -> None:
    metadata = parent_object(NAME, MEMBERS)["metadata"]
    assert metadata["labels"] == {"applyset.kubernetes.io/id": NAME.id}
    assert metadata["annotations"] == {
        "applyset.kubernetes.io/tooling": "bunops.platform/v1.0.0",
        "applyset.kubernetes.io/contains-group-kinds": (
            "Deployment.apps,Namespace,Role.rbac.authorization.k8s.io,Secret"
        ),
        "applyset.kubernetes.io/additional-namespaces": "other,prod-tasks",
    }


@pytest.mark.parametrize("membership", [MEMBERS, Membership(), membership_for(NAME, [("Secret", "", "prod")])])
def test_what_is_written_is_read(membership: Membership) -> None:
    assert membership_of(NAME, parent_object(NAME, membership)) == membership


def test_no_parent_no_members() -> None:
    assert membership_of(NAME, None) == Membership()


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({}, "is there, but is not the parent of this set"),
        ({"labels": {"applyset.kubernetes.io/id": "applyset-other-v1"}}, "is not the parent of this set"),
        (
            {
                "labels": {"applyset.kubernetes.io/id": NAME.id},
                "annotations": {"applyset.kubernetes.io/tooling": "kubectl/v1.37"},
            },
            "this set is kept by kubectl",
        ),
        ({"labels": {"applyset.kubernetes.io/id": NAME.id}}, "this set is kept by another tool"),
    ],
)
def test_parents_of_others_are_left_alone(metadata: dict[str, Any], message: str) -> None:
    with pytest.raises(ClusterError, match=message):
        membership_of(NAME, {"metadata": metadata})


def test_label_is_added_without_touching_the_object() -> None:
    body = {"metadata": {"name": "a", "labels": {"app": "a"}}}
    assert labelled(body, "x")["metadata"]["labels"] == {"app": "a", "applyset.kubernetes.io/part-of": "x"}
    assert body == {"metadata": {"name": "a", "labels": {"app": "a"}}}
