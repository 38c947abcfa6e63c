# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The public key of tokens as a JSON Web Key Set. What Envoy makes of it is asked of a real one."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.resolve import Found, resolve
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import Files
from ansible_collections.bunops.platform.tests.unit.secrets.secret_cases import secrets

KEY = {"name": "CLERK_JWT_KEY", "source": {"env": "K"}, "optional": True, "derived": ["jwks"]}


def pem(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


ONE, OTHER = (rsa.generate_private_key(65537, 2048) for _unused in range(2))


def resolved(value: bytes, held: dict[str, Files] | None = None, **more: object) -> Files:
    given: Mapping[str, Any] = {**KEY, **more}
    return resolve(secrets(given), {"CLERK_JWT_KEY": Found("K", value)}, held or {}, set())["CLERK_JWT_KEY"]


def keys(files: Files) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(files["CLERK_JWT_KEY.jwks"])["keys"]
    return found


def number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")


def test_it_has_the_same_key_for_one_algorithm_alone() -> None:
    public = ONE.public_key()
    (key,) = keys(resolved(pem(public)))
    assert (number(key.pop("n")), number(key.pop("e"))) == (public.public_numbers().n, 65537)
    assert key == {"kty": "RSA", "use": "sig", "alg": "RS256"}


def test_the_value_itself_stays() -> None:
    value = pem(ONE.public_key())
    assert resolved(value)["CLERK_JWT_KEY"] == value


def test_a_former_key_stays_good_where_both_are_to_be() -> None:
    new, old = (pem(each.public_key()) for each in (ONE, OTHER))
    held = {"CLERK_JWT_KEY": {"CLERK_JWT_KEY": old}}
    assert [key["n"] for key in keys(resolved(new, held, grace="both"))] == [
        keys(resolved(each))[0]["n"] for each in (new, old)
    ]
    assert len(keys(resolved(new, held))) == 1


def test_without_a_value_it_has_no_key() -> None:
    assert keys(resolved(b"")) == []


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (b"s3cr3t", "is no public key in PEM"),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "is no public key in PEM"),
        (
            ONE.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
            "is no public key in PEM",
        ),
        (pem(ec.generate_private_key(ec.SECP256R1()).public_key()), "is a public key, but not of RSA"),
    ],
    ids=["text", "no key", "private", "another kind"],
)
def test_what_is_no_such_key_is_refused_and_not_shown(value: bytes, words: str) -> None:
    with pytest.raises(SecretError) as caught:
        resolved(value)
    assert str(caught.value) == f"secret CLERK_JWT_KEY: the value {words}"
