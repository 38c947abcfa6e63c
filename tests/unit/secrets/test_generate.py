# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Values that are made."""

from __future__ import annotations

import base64
import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from ansible_collections.bunops.platform.plugins.module_utils.secrets.generate import ed25519_token, random_password


def test_a_token_is_signed_with_the_public_key_beside_it() -> None:
    made = ed25519_token()
    signed, _dot, signature = made["token"].rpartition(".")
    key = load_pem_public_key(made["public_key"].encode())
    assert isinstance(key, Ed25519PublicKey)
    key.verify(base64.urlsafe_b64decode(signature + "=="), signed.encode())
    header = json.loads(base64.urlsafe_b64decode(signed.split(".")[0] + "=="))
    assert header == {"alg": "EdDSA", "typ": "JWT"}


def test_a_password_has_the_characters_that_were_asked_for() -> None:
    assert set(random_password(400, "ab")) == {"a", "b"}
    assert len(random_password()) == 32 and random_password().isalnum()
    assert random_password() != random_password()
