# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The Role in docs/autoscaling.md is enough, and what is missing is one sentence."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options, resolve
from ansible_collections.bunops.platform.tests.integration.cluster.rights import await_rights
from ansible_collections.bunops.platform.tests.integration.queue_scaler.stage import SCALED_OBJECT, Stage

PAGE = (Path(__file__).resolve().parents[3] / "docs/autoscaling.md").read_text()
BLOCKS = [yaml.safe_load(text) for text in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)]
RBAC = "rbac.authorization.k8s.io/v1"


def account(stage: Stage, *without: str) -> dict[str, Any]:
    """Options that make the module run as an account with that Role, but for some resources."""
    (role,) = (block for block in BLOCKS if isinstance(block, dict) and block.get("kind") == "Role")
    rules = [rule for rule in role["rules"] if rule["resources"][0] not in without]
    stage.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "scaler"}})
    stage.create({**role, "rules": rules})
    binding = {
        "apiVersion": RBAC,
        "kind": "RoleBinding",
        "metadata": {"name": "queue-scaler"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role["metadata"]["name"]},
        "subjects": [{"kind": "ServiceAccount", "name": "scaler", "namespace": stage.name}],
    }
    stage.create(binding)
    await_rights(stage.admin, stage.name, "scaler", rules[0])
    path = stage.admin.path("v1", "ServiceAccount", stage.name, "scaler") + "/token"
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    token = stage.admin.request("POST", path, request)["status"]["token"]
    host = resolve(Options(kubeconfig=stage.kubeconfig)).host
    return {"kubeconfig": None, "host": host, "api_key": token, "validate_certs": False}


def test_the_role_is_enough(stage: Stage) -> None:
    stage.apply(stage.worker(3, cpu="1m"))
    wanted = {**account(stage), "cpu_percent": 70}
    assert "hold Deployment" in stage.ok(**wanted)["msg"]
    stage.settled(**wanted)
    assert stage.ok(**{**wanted, "state": "absent"})["changed"]


def test_what_is_missing_is_told(stage: Stage) -> None:
    stage.apply(stage.worker(3))
    failed = stage.failing(**account(stage, "services/proxy"))
    assert 'cannot be asked: services "http:queue-meter:8080" is forbidden' in failed["msg"]
    assert stage.listed(SCALED_OBJECT) == {}
