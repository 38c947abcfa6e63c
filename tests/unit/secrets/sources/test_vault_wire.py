# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What goes over the wire to a Vault, and how long trouble is borne."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources import vault_client
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.model import Source, Surroundings
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.read import read
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.registry import source_of
from ansible_collections.bunops.platform.tests.unit.cluster.stub_server import Reply, StubServer

CANARY = "canary-77aa"
FOUND = Reply(200, {"data": {"data": {"S": "v", "T": "w"}, "metadata": {"version": 1}}})
LOGIN = Reply(200, {"auth": {"client_token": f"{CANARY}-client"}})
REFUSED = Reply(403, {"errors": ["1 error occurred:\n\t* permission denied\n\n"]})
APPROLE = {"approle": {"role_id": "r", "secret_id": f"{CANARY}-id", "mount": "approle"}}


@pytest.fixture
def server() -> Iterator[StubServer]:
    stub = StubServer()
    yield stub
    stub.stop()


def vault(server: StubServer, environment: dict[str, str] | None = None, **options: Any) -> Source:
    """A source with a token unless there is another way."""
    given = {"url": server.url, "mount": "secret", "path": "app/db", "auth": {"token": f"{CANARY}-token"}, **options}
    return source_of("S", {"vault": given}, Surroundings(environment or {}, Options()))


def refusal(source: Source) -> str:
    with pytest.raises(SecretError) as caught:
        read({"S": source})
    said = str(caught.value)
    assert CANARY not in said + repr(caught.value) + repr(source) and "\n" not in said
    return said


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_client, "_PATIENCE", 1.0)


def test_a_read_and_its_headers(server: StubServer) -> None:
    server.replies = [FOUND]
    source = vault(server, namespace="team/ä", mount="/kv/a b/", path="/app/x?y", version=3)
    assert read({"S": source}) == {"S": b"v"}
    assert server.requests == ["GET /v1/kv/a%20b/data/app/x%3Fy?version=3"]
    headers = server.headers[0].splitlines()
    assert {f"X-Vault-Token: {CANARY}-token", "X-Vault-Request: true", "X-Vault-Namespace: team/%C3%A4"} <= set(headers)


def test_the_environment_says_what_the_options_do_not(server: StubServer) -> None:
    server.replies = [FOUND, FOUND]
    environment = {"VAULT_ADDR": server.url, "VAULT_TOKEN": f"{CANARY}-1", "VAULT_NAMESPACE": "n"}
    assert read({"S": vault(server, environment, url=None, auth=None)}) == {"S": b"v"}
    assert "X-Vault-Namespace: n" in server.headers[0] and f"X-Vault-Token: {CANARY}-1" in server.headers[0]
    environment = {"BAO_ADDR": f"{server.url}/", "BAO_TOKEN": f"{CANARY}-2"}
    assert read({"S": vault(server, environment, url=None, auth=None)}) == {"S": b"v"}
    assert "X-Vault-Namespace" not in server.headers[1] and f"X-Vault-Token: {CANARY}-2" in server.headers[1]


def test_a_login_goes_before_the_reads_and_only_once(server: StubServer) -> None:
    server.replies = [LOGIN, *[FOUND] * 20]
    sources = {f"S{n}": vault(server, auth=APPROLE, path=f"app/{n}", key="S") for n in range(20)}
    assert set(read(sources).values()) == {b"v"}
    assert server.requests[0] == "POST /v1/auth/approle/login"
    assert "X-Vault-Token" not in server.headers[0]
    assert sorted(server.requests[1:]) == sorted(f"GET /v1/secret/data/app/{n}" for n in range(20))
    assert all(f"X-Vault-Token: {CANARY}-client" in each for each in server.headers[1:])
    assert server.connections <= 8


def test_two_keys_of_one_path_are_one_read(server: StubServer) -> None:
    server.replies = [FOUND]
    assert read({"S": vault(server), "T": vault(server, key="T")}) == {"S": b"v", "T": b"w"}


def test_a_refused_login_is_tried_once_and_told_for_each_secret(server: StubServer) -> None:
    server.replies = [Reply(400, {"errors": ["invalid role or secret ID"]})]
    with pytest.raises(SecretError) as caught:
        read({name: vault(server, auth=APPROLE, path=f"app/{name}", key="S") for name in "ABC"})
    expected = "logging in with an AppRole at auth/approle/login gives 400: invalid role or secret ID;"
    lines = str(caught.value).splitlines()
    assert [expected in line for line in lines] == [True] * 3
    assert lines[1].startswith(f"secret B: the key S of secret/app/B in the Vault {server.url} cannot be read: ")


@pytest.mark.parametrize(
    "trouble",
    [
        Reply(429, {"errors": ["rate limited"]}, ("Retry-After: 1",)),
        Reply(412, {"errors": ["required index state not present"]}),
        Reply(500, {"errors": ["internal error"]}),
        Reply(503, {"errors": ["Vault is sealed"]}),
        Reply(fault="reset"),
        Reply(fault="close"),
        Reply(200, FOUND.body, fault="cut"),
    ],
)
def test_trouble_that_passes_is_borne(server: StubServer, trouble: Reply) -> None:
    server.replies = [trouble, trouble, FOUND]
    assert read({"S": vault(server)}) == {"S": b"v"}


@pytest.mark.usefixtures("impatient")
def test_trouble_that_stays_is_told(server: StubServer) -> None:
    server.replies = [Reply(503, {"errors": ["Vault is sealed"]})] * 100
    assert refusal(vault(server)) == (
        f"secret S: the key S of secret/app/db in the Vault {server.url} cannot be read: GET secret/data/app/db gives"
        " 503: Vault is sealed; expected a running server with a secrets engine there"
    )
    server.replies = [Reply(fault="close")] * 100
    assert "the server gives no answer" in refusal(vault(server))


@pytest.mark.usefixtures("impatient")
def test_trouble_costs_its_time_once_for_all_secrets(server: StubServer) -> None:
    begun = time.monotonic()
    with pytest.raises(SecretError) as caught:
        # Nothing listens there.
        read({f"S{n}": vault(server, url="http://127.0.0.1:1", path=f"app/{n}") for n in range(30)})
    assert len(str(caught.value).splitlines()) == 30
    assert str(caught.value).count("the server gives no answer: Connection refused; expected it to run") == 30
    assert time.monotonic() - begun < 4


@pytest.mark.usefixtures("impatient")
def test_an_answer_has_a_time_limit(server: StubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_client, "_ANSWER", 0.3)
    server.replies = [Reply(200, FOUND.body, fault="slow")] * 20
    begun = time.monotonic()
    assert "the server gives no answer: it takes too long" in refusal(vault(server))
    assert time.monotonic() - begun < 5


def test_a_refusal_names_path_and_credentials(server: StubServer, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{CANARY}-file\n")
    server.replies = [REFUSED] * 2
    wanted = "expected credentials that are valid, and a policy that lets them read there"
    assert refusal(vault(server, auth={"token_file": str(tmp_path / "token")})).endswith(
        f"cannot be read: reading secret/data/app/db with the token in {tmp_path}/token gives 403: 1 error occurred: *"
        f" permission denied; {wanted}"
    )
    assert f"X-Vault-Token: {CANARY}-file" in server.headers[0].splitlines()
    said = refusal(vault(server, {"VAULT_TOKEN": f"{CANARY}-env"}, auth=None))
    assert "reading secret/data/app/db with the token of VAULT_TOKEN gives 403" in said


def test_what_the_server_repeats_of_a_credential_is_masked(server: StubServer) -> None:
    server.replies = [Reply(403, {"errors": [f"no {CANARY}-token"]}), Reply(400, {"errors": [f"no {CANARY}-id"]})]
    assert "gives 403: no ********;" in refusal(vault(server))
    assert "gives 400: no ********;" in refusal(vault(server, auth=APPROLE))


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(307, b"", ("Location: http://127.0.0.1:1/",)), "expected the address of the active server itself"),
        (Reply(200, b"<html>"), "what is there has no versions; expected a KV engine of version 2"),
        (Reply(200, [1]), "what is there has no versions; expected a KV engine of version 2"),
        (Reply(200, {"data": {"S": CANARY}}), "what is there has no versions; expected a KV engine of version 2"),
        (
            Reply(404, {"errors": ["no handler for route"]}),
            "gives 404: no handler for route; expected a running server",
        ),
        (Reply(418, b""), "gives 418: no explanation; expected another answer"),
        (Reply(200, {"data": {"data": {"S": {}}, "metadata": {}}}), "is a mapping; expected text, a number"),
    ],
)
def test_answers_of_another_kind(server: StubServer, reply: Reply, words: str) -> None:
    server.replies = [reply]
    assert words in refusal(vault(server))


def test_what_is_not_there(server: StubServer) -> None:
    deleted = {"data": {"data": None, "metadata": {"version": 2, "deletion_time": "x", "destroyed": False}}}
    for reply in (Reply(404, {"errors": []}), Reply(404, b""), Reply(404, deleted), Reply(200, {"data": {"data": {}}})):
        server.replies = [reply]
        assert read({"S": vault(server)}) == {"S": None}
    server.replies = [Reply(404, deleted)]
    assert "cannot be read: that version is deleted; expected one that is there" in refusal(vault(server, version=2))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"url": None}, "no server is named; expected url, VAULT_ADDR or BAO_ADDR"),
        ({"url": "vault:8200"}, "the server's address is of another kind; expected http(s)://host[:port]"),
        ({"url": "http://vault:x"}, "the server's address is of another kind; expected http(s)://host[:port]"),
        ({"url": f"http://u:{CANARY}@vault"}, "in the Vault http://vault cannot be read: the server's address is of"),
        ({"auth": None}, "no credentials are given; expected auth, VAULT_TOKEN or BAO_TOKEN"),
        ({"auth": {"token": f"{CANARY} x\n"}}, "the token given has odd characters; expected a token"),
        ({"auth": {"token": f"{CANARY}ü"}}, "the token given has odd characters; expected a token"),
        ({"auth": {"token_file": "/nonesuch"}}, "/nonesuch is not there; expected a credential for the server"),
        ({"auth": {"token_file": "/dev/null"}}, "/dev/null is empty; expected a credential for the server"),
        ({"auth": {"kubernetes": {"role": "r", "jwt_file": "/nonesuch", "mount": "kubernetes"}}}, "/nonesuch is not"),
        ({"ca_cert": "/nonesuch"}, "/nonesuch cannot be read: No such file or directory"),
    ],
)
def test_what_is_wrong_before_anything_is_sent(server: StubServer, options: dict[str, Any], words: str) -> None:
    assert words in refusal(vault(server, **options))
    assert server.requests == []
