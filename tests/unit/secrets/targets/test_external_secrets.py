# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Objects for External Secrets Operator, and what it cannot do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.bunops.platform.plugins.module_utils.secrets.spec import Secret
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.external_secrets_objects import (
    external_secret,
    problems,
    store_object,
    unfetched,
)

GOLDEN = Path(__file__).parents[1] / "golden/external_secrets.yml"
TOKEN = {"token_secret_ref": {"name": "vault-token", "key": "token"}}
APPROLE = {
    "approle": {"role_id": "atlas", "secret_ref": {"name": "vault-approle", "key": "secret-id"}, "mount": "approle"}
}
KUBERNETES = {"kubernetes": {"role": "atlas", "service_account": "vault", "mount": "kubernetes"}}


def options(auth: dict[str, Any], **vault: Any) -> dict[str, Any]:
    """The target's options as the module hands them over."""
    store = {"url": "https://vault.example.com", "mount": "secret", "namespace": None, "ca_cert": None, "auth": auth}
    return {"namespace": "shop", "refresh_interval": "1h", "store": {"vault": {**store, **vault}}, "wait": False}


def secret(name: str, vault: dict[str, Any] | None = None, **fields: Any) -> Secret:
    plain: dict[str, Any] = {
        "source": {"vault": {"mount": "secret", "path": "app/db", **(vault or {})}},
        "optional": False,
        "template": None,
        "rules": {},
        "keeps_former": False,
        "derived": frozenset(),
    }
    return Secret(name=name, **{**plain, **fields})


def test_objects_are_as_expected() -> None:
    other = options(APPROLE, mount="/team/kv/", namespace="team")
    found = [
        store_object("atlas", options(TOKEN), None),
        store_object("atlas", other, b"-----BEGIN CERTIFICATE-----\n"),
        store_object("atlas", options(KUBERNETES), None),
        external_secret("atlas", options(TOKEN), secret("API_KEY")),
        external_secret("atlas", other, secret("DB_URL", {"path": "/app/db/", "key": "url", "version": 3})),
    ]
    assert found == list(yaml.safe_load_all(GOLDEN.read_text()))


def test_what_the_cluster_can_do_has_no_problems() -> None:
    wanted = [secret("API_KEY"), secret("DB_URL", {"namespace": "team", "version": 3}, rules={"format": None})]
    assert problems("atlas", options(TOKEN, namespace="team"), wanted) == []


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"source": {"env": "A"}}, "source env cannot be fetched by the cluster; expected vault"),
        ({"source": {}, "template": "x"}, "source template cannot be fetched by the cluster; expected vault"),
        ({"template": "x${value}"}, "template cannot be done by the cluster; expected it to be left out"),
        ({"rules": {"min_length": 1}}, "validate cannot be done by the cluster; expected it to be left out"),
        ({"keeps_former": True}, "grace cannot be done by the cluster; expected it to be left out"),
        ({"optional": True}, "optional cannot be done by the cluster; expected it to be left out"),
        ({"derived": frozenset(["acl"])}, "derived cannot be done by the cluster; expected it to be left out"),
        (
            {"source": {"vault": {"mount": "kv", "path": "p"}}},
            "its source has mount kv; expected secret, as the store has",
        ),
        (
            {"source": {"vault": {"mount": "secret", "path": "p", "namespace": "team"}}},
            "its source has namespace team; expected none, as the store has",
        ),
    ],
)
def test_what_it_cannot_do_is_a_problem(fields: dict[str, Any], problem: str) -> None:
    found = problems("atlas", options(TOKEN), [secret("FINE"), secret("BAD", **fields)])
    assert f"secret BAD: {problem}" in found
    assert not [line for line in found if "FINE" in line]


def test_all_problems_are_told() -> None:
    given = {**options(TOKEN), "refresh_interval": "hourly"}
    found = problems("atlas", given, [secret("A_B"), secret("a-b", {"mount": "kv"}, optional=True), secret("_X")])
    assert [line.partition(";")[0] for line in found] == [
        "refresh_interval: 'hourly'",
        "secret a-b: its source has mount kv",
        "secret a-b: optional cannot be done by the cluster",
        "secret _X: its name is no value of a label",
        "secrets A_B, a-b: the objects of all would be called atlas-a-b",
    ]


@pytest.mark.parametrize("duration", ["1h", "1h30m", "90s", "1.5h", "0"])
def test_durations(duration: str) -> None:
    assert problems("atlas", {**options(TOKEN), "refresh_interval": duration}, []) == []


@pytest.mark.parametrize(
    ("condition", "synced", "waits_for"),
    [
        (None, None, "the operator has not fetched it yet"),
        ({"status": "True", "message": "synced"}, "2-abc", ""),
        # Of what was wanted before.
        ({"status": "True", "message": "synced"}, "1-abc", "the operator has not fetched it yet"),
        ({"status": "False", "message": "no such path"}, "1-abc", "no such path"),
        ({"status": "False", "reason": "SecretSyncedError"}, None, "SecretSyncedError"),
    ],
)
def test_when_it_is_fetched(condition: dict[str, str] | None, synced: str | None, waits_for: str) -> None:
    conditions = [{"type": "Ready", **condition}] if condition else []
    live = {"metadata": {"generation": 2}, "status": {"conditions": conditions, "syncedResourceVersion": synced}}
    assert unfetched(live) == waits_for


def test_one_that_is_gone_is_not_fetched() -> None:
    assert unfetched({}) == "the operator has not fetched it yet"
