# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Values that nobody has to invent: random passwords and signed tokens."""

from __future__ import annotations

import base64
import json
import secrets
import string
from typing import Dict, Optional

ALPHABET = string.ascii_letters + string.digits
LENGTH = 32


def random_password(length: Optional[int] = None, alphabet: Optional[str] = None) -> str:
    """Return ``length`` characters, 32 unless told, of ``[A-Za-z0-9]`` unless told, from the system's random source."""
    return "".join(secrets.choice(alphabet or ALPHABET) for _unused in range(length or LENGTH))


def ed25519_token() -> Dict[str, str]:
    """Return ``{"token": JWT, "public_key": PEM}``; the private key is forgotten.

    The claim ``a: rw`` is what libSQL's server asks for: RFC 8037 (EdDSA), RFC 7519 (JWT).
    Raises ImportError without the library `cryptography`, which only the first run needs.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    header = _segment({"alg": "EdDSA", "typ": "JWT"})
    signed = header + "." + _segment({"a": "rw"})
    signature = _base64url(key.sign(signed.encode()))
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return {"token": signed + "." + signature, "public_key": public.decode()}


def _segment(claims: Dict[str, str]) -> str:
    return _base64url(json.dumps(claims, separators=(",", ":")).encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
