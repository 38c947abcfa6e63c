# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The module on a namespace of a real cluster, by an account with just the rights for that."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.run_module import Module
from ansible_collections.bunops.platform.tests.integration.secret_sync.cluster.space import Space

CANARY = "canary-71d0\"'$#\\ü"
SECRETS: list[dict[str, Any]] = [
    {"name": "REDIS_PASSWORD", "source": {"generate": {"length": 40}}, "derived": ["acl"]},
    {"name": "TURSO_AUTH_TOKEN", "source": {"generate": {"jwt": "ed25519"}}},
    {"name": "API_KEY", "source": {"env": "BUNOPS_TEST_API_KEY"}},
]


class Sync:
    """The module with one target, for one installation."""

    def __init__(self, space: Space, state: Path) -> None:
        self._module = Module("secret_sync", XDG_STATE_HOME=str(state))
        self._options: dict[str, Any] = {
            "name": "atlas",
            "secrets": SECRETS,
            "targets": [{"kubernetes": {"namespace": space.name}}],
            "kubeconfig": space.kubeconfig_of(),
            "wait_timeout": 60,
        }

    def ok(self, **options: Any) -> dict[str, Any]:
        return self._module.ok(**{**self._options, **options})

    def failing(self, **options: Any) -> dict[str, Any]:
        return self._module.failing(**{**self._options, **options})


@pytest.fixture
def sync(space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sync:
    monkeypatch.setenv("BUNOPS_TEST_API_KEY", CANARY)
    return Sync(space, tmp_path / "state")


def actions(result: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["action"] for each in result["secrets"]}


def test_it_makes_immutable_objects_once(space: Space, sync: Sync) -> None:
    foreseen = sync.ok(check=True)
    assert (foreseen["changed"], space.secrets()) == (True, {})
    first = sync.ok()
    assert set(actions(first).values()) == {"added"}
    assert {each["name"] for each in first["objects"].values()} == set(space.secrets())
    assert first["objects"]["REDIS_PASSWORD"]["keys"] == ["REDIS_PASSWORD", "REDIS_PASSWORD.acl"]
    assert first["objects"]["TURSO_AUTH_TOKEN"]["keys"] == ["TURSO_AUTH_TOKEN", "TURSO_AUTH_TOKEN.pub"]
    assert space.secrets()[first["objects"]["API_KEY"]["name"]]["API_KEY"].decode() == CANARY
    before = space.listed("Secret")
    second = sync.ok()
    assert (second["changed"], second["objects"]) == (False, first["objects"])
    assert space.listed("Secret") == before


def test_a_new_value_is_rolled_and_a_former_one_comes_back(
    space: Space, sync: Sync, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = sync.ok()["objects"]["API_KEY"]["name"]
    space.apply(space.workload("api", image, first))
    space.await_ready("api")
    monkeypatch.setenv("BUNOPS_TEST_API_KEY", "another-value")
    foreseen = sync.ok(check=True, roll=True)
    changed = sync.ok(roll=True)
    assert foreseen["rolled"] == changed["rolled"] == [f"Deployment {space.name}/api"]
    assert actions(foreseen) == actions(changed)
    assert actions(changed)["API_KEY"] == "changed"
    second = changed["objects"]["API_KEY"]["name"]
    assert second in str(space.live("Deployment", "api"))
    back = sync.ok(state="previous", roll=True)
    assert back["objects"]["API_KEY"]["name"] == first
    assert back["rolled"] == [f"Deployment {space.name}/api"]
    assert second not in str(space.live("Deployment", "api")["spec"])
    assert sync.ok(state="absent")["changed"]
    assert space.secrets() == {}
    assert not sync.ok(state="absent")["changed"]


def test_no_value_is_in_any_result(space: Space, sync: Sync) -> None:
    results = [sync.ok(check=True), sync.ok()]
    values = [value.decode() for each in space.secrets().values() for value in each.values()]
    assert len(values) == 5
    results.append(sync.failing(targets=[{"kubernetes": {"namespace": "bunops-nonesuch"}}]))
    said = json.dumps(results, ensure_ascii=False)
    encoded = [base64.b64encode(value.encode()).decode() for value in values]
    assert [value for value in [*values, *encoded] if value in said] == []


def test_what_a_missing_right_means_is_one_sentence(space: Space, sync: Sync) -> None:
    failed = sync.failing(targets=[{"kubernetes": {"namespace": "default"}}])
    assert 'cannot list resource "secrets" in API group "" in the namespace "default"' in failed["msg"]
    assert space.secrets() == {}
