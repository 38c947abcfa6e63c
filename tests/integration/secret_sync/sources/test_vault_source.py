# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Secrets of Vault and OpenBao: a real server, answers that one gave, and answers as documentation gives them."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.read import read
from ansible_collections.bunops.platform.tests.integration.secret_sync.sources import reading, vault_servers
from ansible_collections.bunops.platform.tests.integration.secret_sync.sources.reading import CANARY, ODD
from ansible_collections.bunops.platform.tests.integration.secret_sync.sources.vault_servers import (
    JWT,
    ROLE_ID,
    ROOT,
    SECRET_ID,
    VALUES,
    Vault,
)


@pytest.fixture(scope="module", params=["real", *vault_servers.stand_ins()])
def vault(request: pytest.FixtureRequest) -> Iterator[Vault]:
    """Each server in turn."""
    with vault_servers.real() if request.param == "real" else vault_servers.stand_in(request.param) as server:
        yield server


@pytest.fixture(params=vault_servers.stand_ins())
def stand_in(request: pytest.FixtureRequest) -> Iterator[Vault]:
    """Each one that is not real; it tells what it was asked."""
    with vault_servers.stand_in(request.param) as server:
        yield server


def options(vault: Vault, key: str = "SECRET", **more: Any) -> dict[str, Any]:
    given = {"url": vault.url, "mount": vault.mount, "path": "app/db", "key": key, "auth": {"token": vault.token}}
    return {name: each for name, each in {**given, **more}.items() if each is not None}


def value(vault: Vault, key: str = "SECRET", **more: Any) -> bytes | None:
    return reading.value("vault", options(vault, key, **more))


def refusal(vault: Vault, key: str = "SECRET", **more: Any) -> str:
    return reading.refusal("vault", options(vault, key, **more))


def approle(vault: Vault, **more: str) -> dict[str, Any]:
    return {"approle": {"role_id": ROLE_ID, "secret_id": SECRET_ID, "mount": vault.approle, **more}}


def test_the_newest_version(vault: Vault) -> None:
    assert value(vault) == ODD.encode()
    assert value(vault, "port") == b"5432"
    assert value(vault, "rate") == b"1.25"
    assert value(vault, "tls") == b"true"
    assert value(vault, "none") is None
    assert value(vault, "gone") is None
    assert "is a mapping; expected text" in refusal(vault, "nested")
    assert "is a list; expected text" in refusal(vault, "list")


def test_one_of_the_versions(vault: Vault) -> None:
    assert value(vault, "password", version=1) == b"old"
    assert value(vault, "password", version=4) == CANARY.encode()
    assert value(vault, "password", version=9) is None
    assert "cannot be read: that version is destroyed; expected one" in refusal(vault, "password", version=2)
    assert "cannot be read: that version is deleted; expected one" in refusal(vault, "password", version=3)


def test_what_is_not_there_has_no_value(vault: Vault) -> None:
    assert value(vault, path="app/none") is None
    # Its newest version was deleted.
    assert value(vault, path="app/gone") is None


def test_other_engines_are_refused(vault: Vault) -> None:
    assert "gives 404: no handler for route" in refusal(vault, mount="nonesuch")
    assert "what is there has no versions; expected a KV engine of version 2" in refusal(vault, mount=vault.plain)


def test_a_token_of_a_file_or_of_the_environment(vault: Vault, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{vault.token}\n")
    assert value(vault, auth={"token_file": str(tmp_path / "token")}) == ODD.encode()
    environment = {"VAULT_ADDR": vault.url, "VAULT_TOKEN": vault.token}
    given = options(vault, url=None, auth=None)
    assert reading.value("vault", given, environment=environment) == ODD.encode()


def test_a_wrong_token_is_refused(vault: Vault) -> None:
    said = refusal(vault, auth={"token": f"{CANARY}-wrong"})
    assert f"cannot be read: reading {vault.mount}/data/app/db with the token given gives 403: " in said
    assert "permission denied" in said


def test_a_role_for_machines(vault: Vault, tmp_path: Path) -> None:
    (tmp_path / "id").write_text(f"{SECRET_ID}\n")
    assert value(vault, auth=approle(vault)) == ODD.encode()
    from_file = {"approle": {"role_id": ROLE_ID, "secret_id_file": str(tmp_path / "id"), "mount": vault.approle}}
    assert value(vault, auth=from_file) == ODD.encode()


def test_a_role_that_may_not_read_there(vault: Vault) -> None:
    said = refusal(vault, path="other/db", auth=approle(vault))
    assert f"reading {vault.mount}/data/other/db with an AppRole at auth/{vault.approle}/login gives 403: " in said
    assert "permission denied" in said and "a policy that lets them read there" in said


def test_a_role_that_is_refused(vault: Vault) -> None:
    said = refusal(vault, auth=approle(vault, secret_id=f"{CANARY}-wrong"))
    assert f"cannot be read: logging in with an AppRole at auth/{vault.approle}/login gives 400: invalid" in said


def test_the_free_vault_ignores_a_namespace() -> None:
    """As docs/secrets.md says."""
    with vault_servers.development_server(vault_servers.core()) as url, vault_servers.prepared(url, ROOT) as server:
        assert vault_servers.ask(url, ROOT, "POST", "sys/namespaces/team", {})[0] == 404
        assert value(server, namespace="team") == ODD.encode()


def test_one_login_and_one_read_for_many_keys(stand_in: Vault) -> None:
    sources = {
        f"{path} {key}": reading.source("vault", options(stand_in, key, path=path, auth=approle(stand_in)))
        for path in ("app/db", "app/none")
        for key in ("SECRET", "password", "port")
    }
    assert read(sources)["app/db SECRET"] == ODD.encode()
    assert sorted(stand_in.requests) == [
        "GET /v1/secret/data/app/db",
        "GET /v1/secret/data/app/none",
        "POST /v1/auth/approle/login",
    ]


def test_a_service_account(stand_in: Vault, tmp_path: Path) -> None:
    (tmp_path / "jwt").write_text(JWT)
    role = {"kubernetes": {"role": "reader", "jwt_file": str(tmp_path / "jwt")}}
    assert value(stand_in, auth=role) == ODD.encode()
    (tmp_path / "jwt").write_text(f"{JWT}-wrong")
    said = refusal(stand_in, auth=role)
    assert "logging in with the Kubernetes role reader at auth/kubernetes/login gives 403" in said


def test_all_values_are_there(stand_in: Vault) -> None:
    """So that these answers are those for what a real server is given."""
    names = [name for name, each in VALUES.items() if isinstance(each, str)]
    assert {name: value(stand_in, name) for name in names} == {name: VALUES[name].encode() for name in names}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for the loopback interface that nobody has signed, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "vault")])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - day, now + day)
    made = made.add_extension(address, False).add_extension(x509.BasicConstraints(True, None), True)
    path = tmp_path_factory.mktemp("tls") / "vault.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return path


def test_certificates_are_checked(certificate: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with vault_servers.stand_in(vault_servers.stand_ins()[0], context) as server:
        assert server.url.startswith("https://") and server.token == ROOT
        said = refusal(server)
        assert "cannot be read: its certificate is not trusted: self" in said and "one that ca_cert trusts" in said
        assert server.requests == []
        assert value(server, ca_cert=str(certificate)) == ODD.encode()
        assert value(server, validate_certs=False) == ODD.encode()
        environment = {"VAULT_CACERT": str(certificate)}
        assert reading.value("vault", options(server), environment=environment) == ODD.encode()
