"""What happens to each secret, decided from its source and the files that are there."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from ansible_collections.bunops.platform.plugins.module_utils.secrets.generate import redis_acl
from ansible_collections.bunops.platform.plugins.module_utils.secrets.plan import SecretError, Sources, plan

NOTHING = Sources(environment=lambda _name: None, file=lambda _path: None)
PASSWORD: dict[str, Any] = {"generate": {"length": 24}, "derived": ["acl"]}
TOKEN: dict[str, Any] = {"generate": {"jwt": "ed25519"}}


def environment(variables: dict[str, bytes]) -> Sources:
    return Sources(environment=variables.get, file=lambda _path: None)


def test_a_password_is_made_once_and_kept() -> None:
    (first,) = plan({"P": PASSWORD}, {}, NOTHING)
    assert first.action == "added"
    assert len(first.files["P"]) == 24
    assert first.files["P.acl"] == redis_acl(first.files["P"].decode()).encode()

    (second,) = plan({"P": PASSWORD}, first.files, NOTHING)
    assert second == ("P", "unchanged", "generate", {})


def test_a_lost_derived_file_is_made_again_from_the_same_value() -> None:
    (first,) = plan({"P": PASSWORD}, {}, NOTHING)
    (second,) = plan({"P": PASSWORD}, {"P": first.files["P"]}, NOTHING)
    assert second.action == "changed"
    assert second.files == {"P.acl": first.files["P.acl"]}


def test_an_acl_file_holds_the_hash_and_not_the_password() -> None:
    assert "correct horse" not in redis_acl("correct horse")


def test_a_token_is_signed_with_the_public_key_beside_it() -> None:
    (change,) = plan({"T": TOKEN}, {}, NOTHING)
    signed, _dot, signature = change.files["T"].rpartition(b".")
    key = load_pem_public_key(change.files["T.pub"])
    assert isinstance(key, Ed25519PublicKey)
    key.verify(base64.urlsafe_b64decode(signature + b"=="), signed)
    header = json.loads(base64.urlsafe_b64decode(signed.split(b".")[0] + b"=="))
    assert header == {"alg": "EdDSA", "typ": "JWT"}


def test_a_token_without_its_public_key_is_replaced_as_a_pair() -> None:
    (first,) = plan({"T": TOKEN}, {}, NOTHING)
    (second,) = plan({"T": TOKEN}, {"T": first.files["T"]}, NOTHING)
    assert second.action == "changed"
    assert set(second.files) == {"T", "T.pub"}
    assert second.files["T"] != first.files["T"]


def test_a_value_from_the_environment_follows_the_environment() -> None:
    wanted = {"KEY": {"env": "SOME_KEY"}}
    sources = environment({"SOME_KEY": b"new"})
    assert plan(wanted, {"KEY": b"old"}, sources)[0] == ("KEY", "changed", "environment variable", {"KEY": b"new"})
    assert plan(wanted, {"KEY": b"new"}, sources)[0].action == "unchanged"


def test_an_optional_secret_without_a_value_is_an_empty_file() -> None:
    (change,) = plan({"KEY": {"file": "key.pem", "optional": True}}, {}, NOTHING)
    assert change == ("KEY", "added", "file", {"KEY": b""})


def test_all_missing_values_are_named_at_once() -> None:
    wanted: dict[str, Any] = {"A": {"env": "VAR_A"}, "B": {"file": "b.pem"}, "C": PASSWORD}
    with pytest.raises(SecretError) as error:
        plan(wanted, {}, environment({"VAR_A": b""}))
    assert str(error.value).splitlines() == [
        "secret A: the environment variable VAR_A is empty; expected a value",
        "secret B: the file b.pem is not there; expected a value",
    ]
