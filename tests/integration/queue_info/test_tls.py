# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Redis and Sentinel over TLS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.queue_info.asking import measured, problem
from ansible_collections.bunops.platform.tests.integration.queue_info.certificates import Authority
from ansible_collections.bunops.platform.tests.integration.queue_info.servers import Network, Server

QUEUES = [{"name": "todo", "type": "list"}]
CLIENT = ["--tls", "--cacert", "/run/redis/ca.pem"]
ASKED = [*CLIENT, "--cert", "/run/redis/client.pem", "--key", "/run/redis/client.key"]
SERVING = ["--tls-port", "6379", "--port", "0", "--tls-ca-cert-file", "/run/redis/ca.pem"]
SERVING += ["--tls-cert-file", "/run/redis/server.pem", "--tls-key-file", "/run/redis/server.key"]


def authority(servers: Network, name: str) -> Authority:
    """An authority in a server's folder, and certificates for all servers and for a client."""
    made = Authority(servers.folder(name))
    made.sign("server", servers.first_addresses(8))
    made.sign("client")
    return made


@pytest.fixture(scope="module")
def trusted(servers: Network) -> Authority:
    return authority(servers, "tls")


@pytest.fixture(scope="module")
def tls(servers: Network, trusted: Authority) -> Server:
    """A Redis that speaks nothing but TLS, with three jobs in a list."""
    server = servers.start(trusted.folder.name, *SERVING, "--tls-auth-clients", "no", tls=CLIENT)
    server.cli("RPUSH", "todo", "a", "b", "c")
    return server


def url(server: Server) -> str:
    return f"rediss://{server.ip}:6379"


def test_a_trusted_certificate(tls: Server, trusted: Authority) -> None:
    (depth,) = measured(url=url(tls), ca_cert=trusted["ca.pem"], queues=QUEUES)
    assert depth["waiting"] == 3


def test_a_certificate_that_nobody_trusts(tls: Server) -> None:
    said = problem(url=url(tls), queues=QUEUES)
    begin = f"ca_cert: the certificate of Redis at {tls.ip}:6379 is not trusted: "
    assert said.startswith(begin) and said.endswith("; expected one for this name that ca_cert or this machine trusts")


def test_a_certificate_of_another_authority(tls: Server, tmp_path: Path) -> None:
    other = Authority(tmp_path, "other")
    said = problem(url=url(tls), ca_cert=other["other.pem"], queues=QUEUES)
    assert said.startswith(f"ca_cert: the certificate of Redis at {tls.ip}:6379 is not trusted: ")


def test_a_certificate_of_another_name(servers: Network) -> None:
    made = Authority(servers.folder("elsewhere"))
    made.sign("server", ["192.0.2.1"])
    server = servers.start("elsewhere", *SERVING, "--tls-auth-clients", "no", tls=[*CLIENT, "--insecure"])
    said = problem(url=url(server), ca_cert=made["ca.pem"], queues=QUEUES)
    assert f"is not trusted: IP address mismatch, certificate is not valid for '{server.ip}'; " in said


def test_certificates_may_be_taken_unchecked(tls: Server) -> None:
    assert measured(url=url(tls), validate_certs=False, queues=QUEUES)[0]["waiting"] == 3


@pytest.fixture(scope="module")
def asking(servers: Network) -> tuple[Server, Authority]:
    """A Redis that wants a certificate of its clients."""
    made = authority(servers, "asking")
    return servers.start("asking", *SERVING, "--tls-auth-clients", "yes", tls=ASKED), made


class TestClientCertificates:
    def test_one(self, asking: tuple[Server, Authority]) -> None:
        server, made = asking
        options = {"ca_cert": made["ca.pem"], "client_cert": made["client.pem"], "client_key": made["client.key"]}
        assert measured(url=url(server), **options, queues=QUEUES)[0]["exists"] is False

    def test_none(self, asking: tuple[Server, Authority]) -> None:
        server, made = asking
        said = problem(url=url(server), ca_cert=made["ca.pem"], queues=QUEUES)
        begin = f"url: Redis at {server.ip}:6379 ends the connection: "
        end = "expected rediss:// only for a port with TLS, and client_cert where it asks for one"
        assert said.startswith(begin) and said.endswith(end)


def test_tls_where_there_is_none(server: Server) -> None:
    said = problem(url=url(server), queues=QUEUES, timeout=1)
    sentence = "gives no answer: nothing within 1 s; expected it to run, and to speak TLS"
    assert said == f"url: Redis at {server.ip}:6379 {sentence}"


def test_no_tls_where_there_is_only_tls(tls: Server) -> None:
    said = problem(url=tls.url, queues=QUEUES)
    assert said.startswith(f"url: Redis at {tls.ip}:6379 ends the connection: ")
    assert said.endswith("; expected it to run, and rediss:// if it speaks TLS")


def test_a_sentinel_and_its_redis(servers: Network, tls: Server, trusted: Authority) -> None:
    made = authority(servers, "sentinel")
    lines = ["port 0", "tls-port 26379", "tls-replication yes", "tls-auth-clients no"]
    lines += [f"tls-{option}-file /run/redis/{file}" for option, file in FILES.items()]
    sentinel = servers.sentinel("sentinel", "shop", tls, *lines, tls=CLIENT)
    options: dict[str, Any] = {"sentinel": {"addresses": [f"{sentinel.ip}:26379"], "service": "shop"}}
    both = servers.folder("sentinel") / "both.pem"
    both.write_text("".join(Path(each["ca.pem"]).read_text() for each in (made, trusted)))
    options |= {"url": "rediss:///0", "ca_cert": str(both)}
    assert measured(**options, queues=QUEUES)[0]["waiting"] == 3
    said = problem(**{**options, "ca_cert": trusted["ca.pem"]}, queues=QUEUES)
    assert said.startswith(f"ca_cert: the certificate of the Sentinel at {sentinel.ip}:26379 is not trusted: ")


FILES = {"ca-cert": "ca.pem", "cert": "server.pem", "key": "server.key"}


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("ca_cert", "ca_cert: {file} holds no certificate; expected certificates in PEM"),
        ("client_cert", "client_cert: {file} and the same file are no certificate and its key; expected both in PEM, "),
    ],
)
def test_files_that_are_no_certificates(tls: Server, tmp_path: Path, option: str, sentence: str) -> None:
    file = tmp_path / "file.pem"
    file.write_text("no certificate\n")
    said = problem(**{"url": url(tls), option: str(file), "queues": QUEUES})
    assert said.startswith(sentence.format(file=file))
