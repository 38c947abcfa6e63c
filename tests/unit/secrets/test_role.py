# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The rights that a sync needs. That they are enough is tested with a real cluster: every test there has only them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.bunops.platform.plugins.filter.secret_sync_role import secret_sync_role
from ansible_collections.bunops.platform.plugins.module_utils.secrets.role import Uses, role

GOLDEN = Path(__file__).parent / "golden/role.yml"
SUBJECT = {"kind": "ServiceAccount", "name": "deployer", "namespace": "ops"}


def rights(uses: Uses) -> set[str]:
    rules = role("shop", "secret-sync", uses, [SUBJECT])[0]["rules"]
    return {
        f"{verb} {resource}.{rule['apiGroups'][0]}".rstrip(".")
        for rule in rules
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def test_the_whole_role_is_as_expected() -> None:
    uses = Uses(write=True, roll=True, collect=True, external=True, reads=["b", "a", "b"])
    assert role("shop", "secret-sync", uses, [SUBJECT]) == list(yaml.safe_load_all(GOLDEN.read_text()))


def test_each_use_has_its_rights_and_no_others() -> None:
    assert rights(Uses(collect=False)) == {"create secrets", "list secrets", "patch secrets"}
    assert rights(Uses(write=False)) == set()
    assert rights(Uses()) - rights(Uses(collect=False)) == {
        "delete secrets",
        *(f"list {name}" for name in ("pods", "replicationcontrollers", "serviceaccounts")),
        *(f"list {name}.apps" for name in ("controllerrevisions", "daemonsets", "deployments")),
        *(f"list {name}.apps" for name in ("replicasets", "statefulsets")),
        *(f"list {name}.batch" for name in ("cronjobs", "jobs")),
        "list ingresses.networking.k8s.io",
    }
    assert {right for right in rights(Uses(roll=True)) - rights(Uses()) if not right.startswith("list")} == {
        "delete pods",
        "get pods/log",
        *(f"patch {name}.apps" for name in ("daemonsets", "deployments", "statefulsets")),
    }
    assert {right.partition(" ")[2] for right in rights(Uses(write=False, external=True))} == {
        "externalsecrets.external-secrets.io",
        "secretstores.external-secrets.io",
    }
    assert rights(Uses(write=False, reads=["creds"])) == {"get secrets"}


def test_nothing_is_allowed_for_all() -> None:
    text = str(role("shop", "secret-sync", Uses(True, True, True, True, ["a"]), [SUBJECT]))
    assert "*" not in text
    assert "Cluster" not in text


def test_the_filter_makes_the_same() -> None:
    assert secret_sync_role("shop", [SUBJECT], roll=True) == role("shop", "secret-sync", Uses(roll=True), [SUBJECT])
    assert secret_sync_role("shop", [SUBJECT], name="n", targets=["external_secrets"], reads=["a"]) == role(
        "shop", "n", Uses(write=False, external=True, reads=["a"]), [SUBJECT]
    )


@pytest.mark.parametrize(
    ("arguments", "options", "sentence"),
    [
        (("", [SUBJECT]), {}, "secret_sync_role: no namespace is given"),
        (("shop", []), {}, "secret_sync_role: no subjects are given; expected who gets the Role"),
        (("shop", [SUBJECT]), {"targets": ["vault"]}, "secret_sync_role: targets: vault; expected"),
    ],
)
def test_the_filter_refuses_what_makes_no_role(
    arguments: tuple[Any, ...], options: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(AnsibleFilterError, match=sentence):
        secret_sync_role(*arguments, **options)
