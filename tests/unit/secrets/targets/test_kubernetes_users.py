# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether an object names a Secret, wherever that is."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.kubernetes_users import mentioned

NAME = "redis-password-0a1b2c3d4e"
CONTAINER = {"name": "main", "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": NAME, "key": "A"}}}]}


def template(**spec: Any) -> dict[str, Any]:
    return {"spec": {"template": {"spec": spec}}}


@pytest.mark.parametrize(
    "item",
    [
        {"spec": {"containers": [CONTAINER]}},
        {"spec": {"initContainers": [{"envFrom": [{"secretRef": {"name": NAME}}]}]}},
        {"spec": {"ephemeralContainers": [CONTAINER]}},
        {"spec": {"volumes": [{"name": "v", "secret": {"secretName": NAME}}]}},
        {"spec": {"volumes": [{"projected": {"sources": [{"configMap": {}}, {"secret": {"name": NAME}}]}}]}},
        {"spec": {"volumes": [{"csi": {"driver": "d", "nodePublishSecretRef": {"name": NAME}}}]}},
        {"spec": {"imagePullSecrets": [{"name": NAME}]}},
        template(containers=[CONTAINER]),
        {"spec": {"jobTemplate": template(containers=[CONTAINER])}},
        # A ControllerRevision.
        {"data": template(containers=[CONTAINER])},
        # A ServiceAccount, an Ingress.
        {"secrets": [{"name": NAME}]},
        {"spec": {"tls": [{"hosts": ["h"], "secretName": NAME}]}},
        # A program that reads it by itself.
        {"spec": {"containers": [{"args": ["--secret", NAME]}]}},
    ],
)
def test_it_is_found(item: dict[str, Any]) -> None:
    assert set(mentioned(item, {NAME, "other"})) == {NAME}


def test_names_of_others_and_parts_of_names_are_none() -> None:
    item = {"spec": {"containers": [{"name": "redis-password", "args": [f"{NAME}0", f"--secret={NAME}"]}]}}
    assert set(mentioned(item, {NAME})) == set()
