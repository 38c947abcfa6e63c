# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Objects for External Secrets Operator at a real API server, with the operator's own definitions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.role import Uses
from ansible_collections.bunops.platform.plugins.module_utils.secrets.spec import Secret
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.external_secrets import ExternalSecrets
from ansible_collections.bunops.platform.tests.integration.secret_sync.cluster import operator
from ansible_collections.bunops.platform.tests.integration.secret_sync.cluster.operator import API_VERSION
from ansible_collections.bunops.platform.tests.integration.secret_sync.cluster.space import Space

TOKEN = {"token_secret_ref": {"name": "vault-token", "key": "token"}}
APPROLE = {"approle": {"role_id": "r", "secret_ref": {"name": "vault-approle", "key": "id"}, "mount": "approle"}}
KUBERNETES = {"kubernetes": {"role": "r", "service_account": "vault", "mount": "kubernetes"}}
EXTERNAL_ONLY = Uses(write=False, external=True)


def target(
    space: Space, auth: dict[str, Any] | None = None, *, uses: Uses = EXTERNAL_ONLY, wait: bool = False, **vault: Any
) -> ExternalSecrets:
    """The target, with an account that has only the rights for it."""
    store = {"url": "https://vault.example.com", "mount": "secret", "namespace": None, "ca_cert": None}
    options: dict[str, Any] = {"namespace": space.name, "refresh_interval": "1h", "wait": wait}
    options["store"] = {"vault": {**store, "auth": auth or TOKEN, **vault}}
    return ExternalSecrets("atlas", options, space.client(uses))


def secret(name: str, **vault: Any) -> Secret:
    source = {"vault": {"mount": "secret", "path": "app/db", **vault}}
    return Secret(name, source, False, None, {}, False, frozenset())


def run(tested: ExternalSecrets, *wanted: Secret) -> dict[str, str]:
    """A run as the module has it; what became of each secret."""
    assert tested.problems(wanted) == []
    actions = tested.plan(wanted)
    tested.apply(10)
    return actions


def test_without_the_operator_it_is_one_problem(space: Space) -> None:
    tested = target(space)
    (problem,) = tested.problems([secret("A")])
    assert problem == (
        f"external secrets in namespace {space.name}: the cluster does not know external-secrets.io/v1; "
        "expected External Secrets Operator"
    )
    # And nothing is there to be removed.
    assert tested.plan([]) == {}


@pytest.fixture(scope="module")
def kinds(admin: Client) -> Iterator[None]:
    """The operator's kinds."""
    with operator.installed(admin, operator.NEWEST):
        yield


@pytest.mark.usefixtures("kinds")
@pytest.mark.parametrize("auth", [TOKEN, APPROLE, KUBERNETES])
def test_the_api_takes_the_objects_and_a_second_run_changes_nothing(space: Space, auth: dict[str, Any]) -> None:
    wanted = [secret("A"), secret("B", key="b", version=3)]
    assert run(target(space, auth), *wanted) == {"A": "added", "B": "added"}
    before = space.listed("ExternalSecret", API_VERSION), space.listed("SecretStore", API_VERSION)
    assert [set(items) for items in before] == [{"atlas-a", "atlas-b"}, {"atlas"}]
    assert run(target(space, auth), *wanted) == {"A": "unchanged", "B": "unchanged"}
    assert (space.listed("ExternalSecret", API_VERSION), space.listed("SecretStore", API_VERSION)) == before


@pytest.mark.usefixtures("kinds")
def test_what_changes_changes_and_what_left_the_set_goes(space: Space) -> None:
    run(target(space), secret("A"), secret("B", version=3), secret("C"))
    tested = target(space)
    assert tested.plan([secret("A"), secret("B")]) == {"A": "unchanged", "B": "changed", "C": "removed"}
    assert set(space.listed("ExternalSecret", API_VERSION)) == {"atlas-a", "atlas-b", "atlas-c"}
    tested.apply(10)
    live = space.listed("ExternalSecret", API_VERSION)
    assert set(live) == {"atlas-a", "atlas-b"}
    assert "version" not in live["atlas-b"]["spec"]["data"][0]["remoteRef"]
    # Another store is a change of all.
    assert run(target(space, KUBERNETES), secret("A"), secret("B")) == {"A": "changed", "B": "changed"}
    auth = space.listed("SecretStore", API_VERSION)["atlas"]["spec"]["provider"]["vault"]["auth"]
    assert set(auth) == {"kubernetes"}
    assert run(target(space)) == {"A": "removed", "B": "removed"}
    assert (space.listed("ExternalSecret", API_VERSION), space.listed("SecretStore", API_VERSION)) == ({}, {})


@pytest.mark.usefixtures("kinds")
def test_what_others_added_to_an_object_is_no_change(space: Space) -> None:
    run(target(space), secret("A"))
    note = {"metadata": {"name": "atlas-a", "annotations": {"note": "theirs"}}}
    space.apply({"apiVersion": API_VERSION, "kind": "ExternalSecret", **note}, "kubectl")
    assert run(target(space), secret("A")) == {"A": "unchanged"}


@pytest.mark.usefixtures("kinds")
def test_certificates_come_from_a_file(space: Space, tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text("-----BEGIN CERTIFICATE-----\n")
    run(target(space, ca_cert=str(authority)), secret("A"))
    vault = space.listed("SecretStore", API_VERSION)["atlas"]["spec"]["provider"]["vault"]
    assert vault["caBundle"] == "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg=="
    with pytest.raises(SecretError, match=r"ca_cert .*/none: No such file or directory$"):
        target(space, ca_cert=str(tmp_path / "none")).plan([secret("A")])


@pytest.mark.usefixtures("kinds")
def test_a_value_that_the_api_refuses_is_one_sentence(space: Space) -> None:
    bad = {"token_secret_ref": {"name": "Not A Name", "key": "token"}}
    tested = target(space, bad)
    tested.plan([secret("A")])
    with pytest.raises(SecretError, match=r"tokenSecretRef\.name: ") as caught:
        tested.apply(10)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.usefixtures("kinds")
def test_without_the_rights_it_is_one_sentence(space: Space) -> None:
    tested = target(space, uses=Uses())
    with pytest.raises(SecretError) as caught:
        tested.plan([secret("A")])
    assert 'cannot list resource "secretstores" in API group "external-secrets.io"' in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.usefixtures("kinds")
def test_without_an_operator_at_work_the_wait_says_what_is_missing(space: Space) -> None:
    tested = target(space, wait=True)
    tested.plan([secret("A")])
    with pytest.raises(SecretError) as caught:
        tested.apply(1)
    assert str(caught.value).endswith(f": ExternalSecret {space.name}/atlas-a: the operator has not fetched it yet")
