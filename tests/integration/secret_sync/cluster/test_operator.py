# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""External Secrets Operator itself fetches what the objects say, from a server that answers as Vault does."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.role import Uses
from ansible_collections.bunops.platform.plugins.module_utils.secrets.spec import Secret
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.external_secrets import ExternalSecrets
from ansible_collections.bunops.platform.tests.integration.secret_sync.cluster import operator
from ansible_collections.bunops.platform.tests.integration.secret_sync.cluster.space import Space, eventually
from ansible_collections.bunops.platform.tests.integration.secret_sync.cluster.vault_stub import (
    ROLE,
    SECRET_ID,
    TOKEN,
    Vault,
    serving,
)

ODD = "canary-'\"$#\\`%{{ .x }}ü\n\nend "
AUTH: dict[str, dict[str, Any]] = {
    "token": {"token_secret_ref": {"name": "login", "key": "token"}},
    "approle": {"approle": {"role_id": ROLE, "secret_ref": {"name": "login", "key": "id"}, "mount": "approle"}},
    "kubernetes": {"kubernetes": {"role": ROLE, "service_account": "fetcher", "mount": "kubernetes"}},
}


@pytest.fixture(scope="module", autouse=True)
def kinds(admin: Client) -> Iterator[None]:
    """The operator's kinds, as the one that is at work has them."""
    with operator.installed(admin, operator.BUILDABLE):
        yield


@pytest.fixture
def vault(space: Space) -> Iterator[Vault]:
    """A server, what the operator needs to log in, and the operator."""
    data = {"token": TOKEN, "id": SECRET_ID}
    space.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "login"}, "stringData": data})
    space.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "fetcher"}})
    made = Vault({"password": "first"}, {"password": ODD, "API_KEY": "canary-key"})
    with serving(made), operator.at_work(space.kubeconfig, space.name):
        yield made


def target(space: Space, vault: Vault, auth: dict[str, Any]) -> ExternalSecrets:
    store = {"url": vault.url, "mount": "secret", "namespace": None, "ca_cert": None, "auth": auth}
    options = {"namespace": space.name, "refresh_interval": "1s", "store": {"vault": store}, "wait": True}
    return ExternalSecrets("atlas", options, space.client(Uses(write=False, external=True)))


def secret(name: str, **vault: Any) -> Secret:
    source = {"vault": {"mount": "secret", "path": "app/db", **vault}}
    return Secret(name, source, False, None, {}, False, frozenset())


@pytest.mark.parametrize("method", AUTH)
def test_it_fetches_the_bytes_and_keeps_up(space: Space, vault: Vault, method: str) -> None:
    tested = target(space, vault, AUTH[method])
    wanted = [secret("API_KEY"), secret("DB_PASSWORD", key="password"), secret("OLD", key="password", version=1)]
    assert tested.problems(wanted) == []
    assert set(tested.plan(wanted).values()) == {"added"}
    tested.apply(60)
    assert set(vault.logins) == ({method} if method != "token" else set())
    names = {name: each["name"] for name, each in tested.objects(wanted).items()}
    values = {"API_KEY": "canary-key", "DB_PASSWORD": ODD, "OLD": "first"}
    held = space.secrets()
    assert {name: held[names[name]] for name in names} == {name: {name: values[name].encode()} for name in names}
    # What the operator notes on its objects is no change.
    assert set(target(space, vault, AUTH[method]).plan(wanted).values()) == {"unchanged"}
    vault.versions.append({**vault.versions[-1], "password": "third"})
    eventually(lambda: space.secrets()[names["DB_PASSWORD"]] == {"DB_PASSWORD": b"third"}, 60)
    # Away with one, and its Secret.
    tested.plan(wanted[:1])
    tested.apply(60)
    eventually(lambda: set(space.secrets()) == {"login", names["API_KEY"]}, 60)


def test_a_change_is_waited_for_anew(space: Space, vault: Vault) -> None:
    tested = target(space, vault, AUTH["token"])
    tested.plan([secret("DB_PASSWORD", key="password")])
    tested.apply(60)
    assert tested.plan([secret("DB_PASSWORD", key="password", version=1)]) == {"DB_PASSWORD": "changed"}
    tested.apply(60)
    assert space.secrets()["atlas-db-password"] == {"DB_PASSWORD": b"first"}


def test_what_cannot_be_fetched_is_said_without_any_value(space: Space, vault: Vault) -> None:
    tested = target(space, vault, AUTH["token"])
    tested.plan([secret("API_KEY"), secret("MISSING", path="app/none")])
    with pytest.raises(SecretError) as caught:
        tested.apply(10)
    (line,) = str(caught.value).splitlines()
    assert f"ExternalSecret {space.name}/atlas-missing: " in line
    assert "canary" not in line
    objects = [*space.listed("ExternalSecret", operator.API_VERSION).values(), *space.listed("Event").values()]
    text = json.dumps(objects, ensure_ascii=False)
    assert "canary" not in text
    assert base64.b64encode(ODD.encode()).decode() not in text
