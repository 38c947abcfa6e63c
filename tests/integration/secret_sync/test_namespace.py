# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The module on a namespace of a real cluster."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.tests.integration.run_module import Module

CANARY = "canary-71d0\"'$#\\ü"
SECRETS: dict[str, Any] = {
    "REDIS_PASSWORD": {"generate": {"length": 40}, "derived": ["acl"]},
    "TURSO_AUTH_TOKEN": {"generate": {"jwt": "ed25519"}},
    "API_KEY": {"env": "BUNOPS_TEST_API_KEY"},
}
Json = dict[str, Any]


class Namespace:
    """A namespace of this test, and what the module needs to reach it."""

    def __init__(self, cluster: Any, state: Path) -> None:
        self.name = f"bunops-secrets-{os.urandom(4).hex()}"
        self.client = Client.connect(Options(kubeconfig=str(cluster.kubeconfig)))
        self.secret_sync = Module("secret_sync", XDG_STATE_HOME=str(state))
        self.options: Json = {"namespace": self.name, "kubeconfig": str(cluster.kubeconfig), "secrets": SECRETS}
        wanted = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.name}}
        query = {"fieldManager": "bunops-tests"}
        self.client.request("PATCH", self.path, body=wanted, query=query, content_type=APPLY)

    @property
    def path(self) -> str:
        return self.client.path("v1", "Namespace", None, self.name)

    def objects(self) -> dict[str, Json]:
        return {item["metadata"]["name"]: item for item in self.client.list("v1", "Secret", self.name)}


@pytest.fixture
def namespace(cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Namespace]:
    monkeypatch.setenv("BUNOPS_TEST_API_KEY", CANARY)
    made = Namespace(cluster, tmp_path / "state")
    try:
        yield made
    finally:
        made.client.request("DELETE", made.path)


def test_it_makes_immutable_objects_once(namespace: Namespace) -> None:
    foreseen = namespace.secret_sync.run(check=True, **namespace.options)
    assert (foreseen["changed"], namespace.objects()) == (True, {})

    first = namespace.secret_sync.run(**namespace.options)
    assert first["changed"]
    objects = namespace.objects()
    assert {each["name"] for each in first["objects"].values()} == set(objects)
    assert first["objects"]["REDIS_PASSWORD"]["keys"] == ["REDIS_PASSWORD", "REDIS_PASSWORD.acl"]
    assert first["objects"]["TURSO_AUTH_TOKEN"]["keys"] == ["TURSO_AUTH_TOKEN", "TURSO_AUTH_TOKEN.pub"]
    key = objects[first["objects"]["API_KEY"]["name"]]
    assert key["immutable"] is True
    assert base64.b64decode(key["data"]["API_KEY"]).decode() == CANARY
    # A value that nobody generates is known beforehand, and so is its object's name.
    assert foreseen["objects"]["API_KEY"]["keys"] == ["API_KEY"]

    second = namespace.secret_sync.run(**namespace.options)
    assert (second["changed"], second["objects"]) == (False, first["objects"])
    assert namespace.objects() == objects


def test_a_new_value_is_a_new_object_and_the_old_one_stays(
    namespace: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = namespace.secret_sync.run(**namespace.options)
    monkeypatch.setenv("BUNOPS_TEST_API_KEY", "another")
    foreseen = namespace.secret_sync.run(check=True, **namespace.options)
    second = namespace.secret_sync.run(**namespace.options)
    assert foreseen == second
    changed = {each["name"]: each["action"] for each in second["secrets"]}
    assert changed == {"API_KEY": "changed", "REDIS_PASSWORD": "unchanged", "TURSO_AUTH_TOKEN": "unchanged"}
    assert len(namespace.objects()) == 4
    assert second["objects"]["API_KEY"]["name"] != first["objects"]["API_KEY"]["name"]

    # And back again: the first object counts anew.
    monkeypatch.setenv("BUNOPS_TEST_API_KEY", CANARY)
    third = namespace.secret_sync.run(**namespace.options)
    assert (third["changed"], third["objects"]) == (True, first["objects"])
    assert not namespace.secret_sync.run(**namespace.options)["changed"]


def test_no_value_is_in_any_result(namespace: Namespace) -> None:
    said = json.dumps(
        [
            namespace.secret_sync.run(check=True, **namespace.options),
            namespace.secret_sync.run(**namespace.options),
            namespace.secret_sync.run(**{**namespace.options, "namespace": "bunops-nonesuch"}),
        ],
        ensure_ascii=False,
    )
    values = [base64.b64decode(v).decode() for each in namespace.objects().values() for v in each["data"].values()]
    assert len(values) == 5
    assert [value for value in [*values, CANARY] if value in said] == []


def test_a_missing_namespace_is_one_sentence(namespace: Namespace) -> None:
    failed = namespace.secret_sync.run(**{**namespace.options, "namespace": "bunops-nonesuch"})
    assert failed["failed"]
    assert 'namespaces "bunops-nonesuch" not found' in failed["msg"]


def test_a_value_in_both_places_is_refused(namespace: Namespace, tmp_path: Path) -> None:
    failed = namespace.secret_sync.run(**namespace.options, directory=str(tmp_path))
    assert failed["msg"] == "parameters are mutually exclusive: directory|namespace"
