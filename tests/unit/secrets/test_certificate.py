# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Certificates of a local authority."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from ansible_collections.bunops.platform.plugins.module_utils.secrets import certificate
from ansible_collections.bunops.platform.plugins.module_utils.secrets.resolve import resolve
from ansible_collections.bunops.platform.tests.unit.secrets.secret_cases import secrets

NOW = datetime(2026, 11, 28, tzinfo=UTC)
HOSTS = ["atlas.example.com", "127.0.0.1", "::1"]


def of(hosts: list[str]) -> dict[str, object]:
    return {"name": "edge-tls", "source": {"generate": {"certificate": {"hosts": hosts}}}}


@pytest.mark.parametrize("host", HOSTS)
def test_who_trusts_the_authority_trusts_the_certificate_for_its_hosts_and_no_other(host: str) -> None:
    made = certificate.make(HOSTS, NOW)
    leaf = x509.load_pem_x509_certificate(made[".crt"])
    policy = PolicyBuilder().store(Store([x509.load_pem_x509_certificate(made[".ca"])])).time(NOW)
    name = x509.DNSName(host) if host[0].isalpha() else x509.IPAddress(ipaddress.ip_address(host))
    assert policy.build_server_verifier(name).verify(leaf, [])[0] == leaf
    with pytest.raises(VerificationError):
        policy.build_server_verifier(x509.DNSName("other.example.com")).verify(leaf, [])
    other = Store([x509.load_pem_x509_certificate(certificate.make(HOSTS, NOW)[".ca"])])
    with pytest.raises(VerificationError):
        PolicyBuilder().store(other).time(NOW).build_server_verifier(name).verify(leaf, [])


def test_the_key_is_that_of_the_certificate() -> None:
    made = certificate.make(HOSTS, NOW)
    key = load_pem_private_key(made[""], None)
    assert key.public_key() == x509.load_pem_x509_certificate(made[".crt"]).public_key()


def test_a_certificate_is_good_for_its_hosts_until_shortly_before_its_end() -> None:
    made = certificate.make(HOSTS, NOW)[".crt"]
    end = NOW + certificate.VALID - certificate.RENEWED
    assert certificate.is_good(made, HOSTS, end - timedelta(seconds=1))
    assert not certificate.is_good(made, HOSTS, end)
    assert not certificate.is_good(made, HOSTS[:1], NOW)
    assert not certificate.is_good(b"no certificate", HOSTS, NOW)


def test_a_certificate_is_kept_with_its_key_until_it_is_asked_for_anew() -> None:
    wanted = secrets(of(HOSTS))
    made = resolve(wanted, {}, {}, set())["edge-tls"]
    assert set(made) == {"edge-tls", "edge-tls.crt", "edge-tls.ca"}
    assert resolve(wanted, {}, {"edge-tls": made}, set())["edge-tls"] == made
    parts = {name: made[name] for name in ("edge-tls", "edge-tls.crt")}
    again = [
        resolve(wanted, {}, {"edge-tls": made}, {"edge-tls"}),
        resolve(wanted, {}, {"edge-tls": parts}, set()),
        resolve(secrets(of(["localhost"])), {}, {"edge-tls": made}, set()),
    ]
    assert len({each["edge-tls"]["edge-tls"] for each in again} | {made["edge-tls"]}) == 4
