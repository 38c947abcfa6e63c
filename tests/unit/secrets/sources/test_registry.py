# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What the module's option `source` takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from ansible.module_utils.basic import PASSWORD_MATCH
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.model import Surroundings
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.registry import ARGUMENT_SPEC, source_of

GIVEN: dict[str, Any] = {
    "env": "API_KEY",
    "file": "/run/key",
    "dotenv": {"path": "/srv/.env"},
    "sops": {"path": "/srv/s.yaml", "key": ["db", 0, "password"], "age_key_file": "/key.txt"},
    "vault": {"path": "app/db", "version": 3},
    "kubernetes": {"namespace": "other", "name": "creds"},
    "compose": {"path": "/srv/compose.yaml"},
    "command": {"argv": ["pass", "show", "x"]},
}
WORDS = {
    "env": "the environment variable API_KEY",
    "file": "the file /run/key",
    "dotenv": "S in the file /srv/.env",
    "sops": "db.0.password in the SOPS file /srv/s.yaml",
    "vault": "the key S of secret/app/db version 3 in the Vault https://vault:8200",
    "kubernetes": "the key S of Secret other/creds",
    "compose": "the secret S of services in /srv/compose.yaml",
    "command": "the output of the command pass",
}
SURROUNDINGS = Surroundings({"VAULT_ADDR": "https://vault:8200/", "VAULT_TOKEN": "canary"}, Options())


def validated(given: Mapping[str, Any]) -> Any:
    found = ArgumentSpecValidator({"source": ARGUMENT_SPEC}).validate({"source": given})
    return "; ".join(found.error_messages) or found.validated_parameters["source"]


def options(spec: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, each in spec.get("options", {}).items():
        yield f"{place}{name}", each
        yield from options(each, f"{place}{name}.")


@pytest.mark.parametrize("kind", GIVEN)
def test_every_kind_is_made_of_its_options_as_ansible_checks_them(kind: str) -> None:
    source = source_of("S", validated({kind: GIVEN[kind]}), SURROUNDINGS)
    assert (source.kind, source.describe()) == (kind, WORDS[kind])
    assert "canary" not in f"{source!r} {source} {source.unit()!r}"


@pytest.mark.parametrize("kind", GIVEN)
def test_equal_sources_are_one_unit(kind: str) -> None:
    given = validated({kind: GIVEN[kind]})
    assert source_of("S", given, SURROUNDINGS).unit() == source_of("S", given, SURROUNDINGS).unit()
    assert len({hash(source_of("S", given, SURROUNDINGS).unit()) for _unused in range(2)}) == 1


def test_other_places_are_other_units() -> None:
    others: list[dict[str, Any]] = [
        *({kind: each} for kind, each in GIVEN.items()),
        {"env": "OTHER"},
        {"sops": {"path": "/srv/s.yaml"}},
        {"sops": {"path": "/srv/s.yaml", "key": "a"}},
        {"vault": {"path": "app/db"}},
        {"vault": {"path": "app/db", "url": "http://other"}},
        {"vault": {"path": "app/db", "namespace": "n"}},
        {"vault": {"path": "app/db", "auth": {"token": "other"}}},
        {"vault": {"path": "app/db", "auth": {"approle": {"role_id": "r", "secret_id": "a"}}}},
        {"vault": {"path": "app/db", "auth": {"approle": {"role_id": "r", "secret_id": "b"}}}},
        {"vault": {"path": "app/db", "auth": {"kubernetes": {"role": "r"}}}},
        {"command": {"argv": ["pass", "show", "y"]}},
    ]
    assert len({source_of("S", validated(each), SURROUNDINGS).unit() for each in others}) == len(others)


def test_keys_of_one_place_are_one_unit() -> None:
    for kind, keys in {"dotenv": "key", "vault": "key", "kubernetes": "key", "compose": "secret"}.items():
        units = {
            source_of("S", validated({kind: {**GIVEN[kind], keys: each}}), SURROUNDINGS).unit() for each in ("a", "b")
        }
        assert len(units) == 1, kind


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "one of the following is required: env, file"),
        ({"env": "A", "file": "/b"}, "parameters are mutually exclusive: env|file"),
        ({"envv": "A"}, "envv"),
        ({"generate": {"jwt": "rsa"}}, "value of jwt must be one of: ed25519"),
        ({"dotenv": {}}, "missing required arguments: path found in source -> dotenv"),
        ({"command": {}}, "missing required arguments: argv found in source -> command"),
        ({"vault": {"path": "a", "auth": {"token": "a", "token_file": "b"}}}, "mutually exclusive: token|token_file"),
        ({"vault": {"path": "a", "auth": {"approle": {}}}}, "missing required arguments: role_id"),
    ],
)
def test_what_ansible_refuses(given: dict[str, Any], words: str) -> None:
    assert words in validated(given)


def test_generate_has_options_but_is_no_source_to_read() -> None:
    assert validated({"generate": {}})["generate"] == {
        "length": None,
        "alphabet": None,
        "jwt": None,
        "certificate": None,
    }


def test_it_is_said_of_each_credential_and_of_each_name_that_looks_like_one() -> None:
    found = {place: each.get("no_log") for place, each in options(ARGUMENT_SPEC)}
    assert {place for place, hidden in found.items() if hidden} == {
        "vault.auth.token",
        "vault.auth.approle.secret_id",
    }
    names = ("secret", "token", "key", "passw")
    looking = {place for place in found if any(name in place.rpartition(".")[2] for name in names)}
    assert {place for place in looking if found[place] is None} == set()
    assert not [place for place in found if PASSWORD_MATCH.search(place.rpartition(".")[2])]


def test_what_is_hidden_is_known_to_ansible() -> None:
    auth = {"approle": {"role_id": "r", "secret_id": "canary-1"}}
    found = ArgumentSpecValidator({"source": ARGUMENT_SPEC}).validate(
        {"source": {"vault": {"path": "a", "auth": auth}}}
    )
    assert "canary-1" in found._no_log_values
