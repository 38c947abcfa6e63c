# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a value has to look like."""

from __future__ import annotations

import base64
import datetime
import json
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.bunops.platform.plugins.module_utils.secrets.validate import problem, rules_problems

KEY = Ed25519PrivateKey.generate()
PEM = KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
OPENSSH = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
)
NOT_PEM = "is not PEM (RFC 7468)"
NO_URL = "is no absolute URL (RFC 3986)"
NOT_BASE64 = "is not base64 (RFC 4648)"
NOT_JSON = "is not JSON (RFC 8259)"


def wrong(value: bytes, form: str) -> str | None:
    return problem(value, {"format": form, "pattern": None, "min_length": None})


@pytest.mark.parametrize(
    "value",
    [PEM, OPENSSH, PEM.rstrip(), PEM + PEM, PEM.replace(b"\n", b"\r\n"), b"Bag x\n" + PEM],
    ids=["pkcs8", "openssh", "no last end of line", "two", "carriage returns", "with attributes"],
)
def test_pem(value: bytes) -> None:
    assert wrong(value, "pem") is None


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"canary",
        PEM[:-5],
        PEM.replace(b"\n", b"\\n"),
        PEM.replace(b"END PRIVATE", b"END PUBLIC"),
        PEM.replace(b"\nM", b"\n!"),
        PEM.replace(b"\nM", b"\nMM"),
        PEM + b"-----BEGIN X-----\n",
        b"-----BEGIN X-----\n\n-----END X-----\n",
        b"-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n\nQUJD\n-----END X-----\n",
    ],
    ids=[
        "empty",
        "no block",
        "cut off",
        "escaped ends of lines",
        "another end",
        "no base64",
        "wrong padding",
        "a second block that does not end",
        "an empty block",
        "nothing but headers",
    ],
)
def test_no_pem(value: bytes) -> None:
    assert wrong(value, "pem") == NOT_PEM


def test_a_certificate_is_pem() -> None:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    begin, end = datetime.datetime(2026, 1, 1), datetime.datetime(2027, 1, 1)
    certificate = x509.CertificateBuilder(name, name, KEY.public_key(), 1, begin, end).sign(KEY, None)
    assert wrong(certificate.public_bytes(serialization.Encoding.PEM), "pem") is None


@pytest.mark.parametrize(
    "value",
    [
        "https://example.org",
        "redis://:p%2Fw@redis:6379/0",
        "postgres://u:p!$&'()*+,;=w@db:5432/x?sslmode=require",
        "ldap://[2001:db8::7]/c=GB?objectClass?one",
        "http://[::1]:8080/a@b/#c?/d",
        "libsql://db.turso.io",
        "file:///etc/hosts",
        "a+b-1.c://",
    ],
)
def test_url(value: str) -> None:
    # Nothing after the slashes is no place.
    assert wrong(value.encode(), "url") == (NO_URL if value.endswith("://") else None)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "canary",
        "//host/path",
        "/path",
        "mailto:a@b",
        "1http://host",
        "https://host/a b",
        "https://host/%zz",
        "https://host\n",
        "https://höst",
        "redis://:a/b@redis:6379:1",
        "https://host:port",
        "https://[1 2]/",
        "https://a@b@c",
    ],
)
def test_no_url(value: str) -> None:
    assert wrong(value.encode(), "url") == NO_URL


@given(st.binary())
def test_base64(value: bytes) -> None:
    assert wrong(base64.b64encode(value), "base64") is None


@pytest.mark.parametrize("value", [b"a", b"ab==\n", b"ab=", b"a===", b"ab==ab==", b"a-_b", b"YWJj\nYWJj", b"="])
def test_no_base64(value: bytes) -> None:
    assert wrong(value, "base64") == NOT_BASE64


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values)
def test_json(value: Any) -> None:
    assert wrong(json.dumps(value).encode(), "json") is None


@pytest.mark.parametrize(
    "value",
    [b"", b"{", b"NaN", b"-Infinity", b"'a'", b'"\xff"', b"\xef\xbb\xbf1", b"[1,]", b"1 2", b"[" * 100_000],
)
def test_no_json(value: bytes) -> None:
    assert wrong(value, "json") == NOT_JSON


def test_a_long_number_is_json() -> None:
    assert wrong(b"1" * 10_000, "json") is None


def test_a_length_is_in_bytes_and_never_told() -> None:
    assert problem("ü".encode(), {"min_length": 2}) is None
    assert problem(b"canary", {"min_length": 16}) == "is shorter than 16 bytes"


def test_a_pattern_is_for_the_whole_value() -> None:
    assert problem("aü".encode(), {"pattern": "[a-zü]+"}) is None
    assert problem(b"\xff", {"pattern": "."}) is None
    assert problem(b"canary1", {"pattern": "[a-z]+"}) == "does not match the pattern [a-z]+"
    assert problem(b"canary\n", {"pattern": "[a-z]+$"}) == "does not match the pattern [a-z]+$"


def test_without_rules_everything_will_do() -> None:
    assert problem(b"", {}) is None
    assert rules_problems({}) == rules_problems({"min_length": None, "pattern": None, "format": None}) == []


def test_broken_rules_are_told_beforehand() -> None:
    assert rules_problems({"min_length": -1, "pattern": "(a", "format": "url"}) == [
        "validate.min_length is -1; expected 0 or more",
        "validate.pattern is (a: missing ), unterminated subpattern at position 0; expected a regular expression of"
        " Python",
    ]
