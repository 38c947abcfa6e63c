# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""From found values and held files to the files that are wanted."""

from __future__ import annotations

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.resolve import Found, resolve
from ansible_collections.bunops.platform.tests.unit.secrets.secret_cases import secrets

GENERATED = {"name": "A", "source": {"generate": {"length": 20, "alphabet": "xy"}}}
TOKEN = {"name": "T", "source": {"generate": {"jwt": "ed25519"}}}


def found(**values: bytes | None) -> dict[str, Found]:
    return {name: Found(f"the environment variable {name}", value) for name, value in values.items()}


def read(name: str, **more: object) -> dict[str, object]:
    return {"name": name, "source": {"env": name}, **more}


def test_a_value_is_taken_as_it_was_found() -> None:
    assert resolve(secrets(read("A")), found(A=b"\xff v\n"), {}, set()) == {"A": {"A": b"\xff v\n"}}


def test_all_that_have_no_value_are_told_at_once() -> None:
    given = secrets(read("A"), read("B"), read("C", optional=True), read("D", validate={"min_length": 3}))
    with pytest.raises(SecretError) as caught:
        resolve(given, found(A=None, B=b"", C=None, D=b"xy"), {}, set())
    assert str(caught.value).splitlines() == [
        "secret A: the environment variable A is not there; expected a value",
        "secret B: the environment variable B is empty; expected a value",
        "secret D: the value is shorter than 3 bytes",
    ]


def test_what_is_optional_may_be_empty_whatever_is_expected_of_a_value() -> None:
    given = secrets(read("A", optional=True, validate={"min_length": 3}, template="x${value}"))
    assert resolve(given, found(A=None), {}, set()) == {"A": {"A": b""}}


def test_a_template_combines_values() -> None:
    given = secrets(read("A"), {"name": "URL", "template": "redis://:${A|urlencode}@redis:6379"})
    assert resolve(given, found(A=b"p/w"), {}, set())["URL"] == {"URL": b"redis://:p%2Fw@redis:6379"}


def test_a_generated_value_is_made_once() -> None:
    made = resolve(secrets(GENERATED), {}, {}, set())["A"]
    assert len(made["A"]) == 20 and set(made["A"]) <= set(b"xy")
    assert resolve(secrets(GENERATED), {}, {"A": made}, set())["A"] == made
    assert resolve(secrets(GENERATED), {}, {"A": made}, {"A"})["A"] != made


def test_a_token_without_its_public_key_is_made_anew() -> None:
    made = resolve(secrets(TOKEN), {}, {}, set())["T"]
    assert set(made) == {"T", "T.pub"}
    assert resolve(secrets(TOKEN), {}, {"T": made}, set())["T"] == made
    assert resolve(secrets(TOKEN), {}, {"T": {"T": made["T"]}}, set())["T"] != made


def test_the_former_value_stays_beside_a_new_one_and_a_run_later() -> None:
    given = secrets(read("A", grace="both"))
    assert resolve(given, found(A=b"1"), {}, set())["A"] == {"A": b"1", "A.previous": b""}
    second = resolve(given, found(A=b"2"), {"A": {"A": b"1"}}, set())["A"]
    assert second == {"A": b"2", "A.previous": b"1"}
    assert resolve(given, found(A=b"2"), {"A": second}, set())["A"] == second
    assert resolve(secrets(read("A")), found(A=b"2"), {"A": second}, set())["A"] == {"A": b"2"}
