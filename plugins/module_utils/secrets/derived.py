# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Files that are made from the value of a secret. Pure."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Collection, Mapping, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import Files

# Of the file with public keys: RFC 7517.
KEY_SET = ".jwks"
_ENDING = "_PASSWORD"
# What programs work with: data, publishing, transactions, and the scripts that a queue such as BullMQ consists of. Not
# what rules the server or all of its data: CONFIG, SHUTDOWN, ACL, FUNCTION, KEYS, FLUSHALL and the like.
_PROGRAMS = (
    "~* &* -@all +@read +@write +@pubsub +@transaction +@connection +eval +evalsha +script|load +script|exists "
    "-function -@admin -@dangerous +info +time"
)
# What it takes to measure a queue whose keys one knows, of whatever type they are, and how Redis itself is.
_OBSERVER = (
    "~* resetchannels -@all +ping +time +exists +type +llen +lindex +lrange +zcard +zcount +zrange +hget +hmget "
    "+xlen +xinfo +info"
)
# A replica's right to a snapshot of everything.
_BACKUP = "resetchannels -@all +ping +sync"
_HEALTH = "resetchannels -@all +ping"


def derived_files(name: str, passwords: Mapping[str, Sequence[bytes]], kinds: Collection[str]) -> Files:
    """The files of ``kinds`` for the secret ``name``: `acl` gives NAME.acl, `jwks` NAME.jwks.

    passwords: of each secret of the set the values that are good: the new one, and the former where that stays.
    Raises SecretError, and ImportError without the library `cryptography`, which `jwks` needs.
    """
    files = {}
    if "acl" in kinds:
        others = (passwords.get(of(name), ()) for of in (observer_of, backup_of))
        files[name + ".acl"] = redis_acl(passwords[name], *others)
    if "jwks" in kinds:
        try:
            files[name + KEY_SET] = key_set(passwords[name])
        except ValueError as problem:
            raise SecretError("secret %s: the value %s" % (name, problem)) from None
    return files


def observer_of(name: str) -> str:
    """Name of the secret for who only measures queues: `REDIS_OBSERVER_PASSWORD` of `REDIS_PASSWORD`."""
    return _of(name, "_OBSERVER")


def backup_of(name: str) -> str:
    """Name of the secret for who takes backups: `REDIS_BACKUP_PASSWORD` of `REDIS_PASSWORD`."""
    return _of(name, "_BACKUP")


def _of(name: str, user: str) -> str:
    begin = name[: -len(_ENDING)] if name.endswith(_ENDING) else name
    return begin + user + _ENDING


def redis_acl(programs: Sequence[bytes], observer: Sequence[bytes] = (), backup: Sequence[bytes] = ()) -> bytes:
    """Return an ACL file for Redis 7 and newer, with the least that each user needs.

    ``default`` has the passwords ``programs`` and works with data; ``observer`` is there if it has a password, and
    reads what it takes to measure queues; so is ``backup``, which may have a snapshot; ``health`` may PING, with any
    password.

    The passwords stand in it as their SHA-256 only: https://redis.io/docs/latest/commands/acl-setuser/
    """
    lines = ["user default on %s %s" % (_hashed(programs), _PROGRAMS), "user health on nopass %s" % _HEALTH]
    if any(observer):
        lines.append("user observer on %s %s" % (_hashed(observer), _OBSERVER))
    if any(backup):
        lines.append("user backup on %s %s" % (_hashed(backup), _BACKUP))
    return "".join(line + "\n" for line in lines).encode()


def _hashed(passwords: Sequence[bytes]) -> str:
    # An empty one, of a secret that is optional, would let everybody in who gives none.
    return " ".join("#%s" % hashlib.sha256(password).hexdigest() for password in passwords if password)


def key_set(keys: Sequence[bytes]) -> bytes:
    """Return a JSON Web Key Set (RFC 7517) of RSA public keys in PEM, each good for signatures by RS256 alone.

    Empty ones are left out. Raises ValueError, which tells nothing of the value, and ImportError.
    """
    return (json.dumps({"keys": [_web_key(key) for key in keys if key]}, sort_keys=True) + "\n").encode()


def _web_key(pem: bytes) -> Mapping[str, str]:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("is no public key in PEM") from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("is a public key, but not of RSA")
    numbers = key.public_numbers()
    # Without an id it is tried for whatever key a token names.
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "n": _base64url(numbers.n), "e": _base64url(numbers.e)}


def _base64url(number: int) -> str:
    """As RFC 7518, section 6.3.1 writes numbers."""
    octets = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
