# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a set of secrets before anything is read."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.secrets.spec import in_order, problems
from ansible_collections.bunops.platform.tests.unit.secrets.secret_cases import secrets

ENV = {"env": "A"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"name": "A", "source": ENV}, []),
        ({"name": "A", "template": "x"}, []),
        ({"name": "A"}, ["secret A: has no source; expected a source or a template"]),
        (
            {"name": "4", "source": ENV},
            ["secret 4: expected a name of letters, digits, _, . and -, that begins with a letter or _"],
        ),
        (
            {"name": "A", "source": {"generate": {"length": 0}}},
            ["secret A: generate.length is 0; expected 1 to 4096"],
        ),
        (
            {"name": "A", "source": {"generate": {"alphabet": "xx"}}},
            ["secret A: generate.alphabet has less than two different characters"],
        ),
        (
            {"name": "A", "source": {"generate": {"jwt": "ed25519", "length": 3}}},
            ["secret A: generate has jwt and length or alphabet; expected one of them"],
        ),
        (
            {"name": "A", "source": {"generate": {"certificate": {"hosts": []}, "jwt": "ed25519"}}, "grace": "both"},
            [
                "secret A: generate has certificate and something else; expected one of them",
                "secret A: generate.certificate.hosts is empty; expected a name or an address",
                "secret A: grace is both; expected none, since the former key does not fit a new certificate",
                "secret A: grace is both; expected none, since a new public key does not prove the former token",
            ],
        ),
        (
            {"name": "A", "source": {"generate": {"jwt": "ed25519"}}, "grace": "both"},
            ["secret A: grace is both; expected none, since a new public key does not prove the former token"],
        ),
        (
            {"name": "A", "source": {"generate": {}}, "template": "x${value}"},
            [
                "secret A: has a template and source generate; expected another secret, whose template refers to this"
                " one"
            ],
        ),
    ],
)
def test_problems_of_a_secret(given: dict[str, Any], expected: list[str]) -> None:
    assert problems("atlas", secrets(given)) == expected


def test_problems_of_the_set() -> None:
    twice = secrets({"name": "A", "source": ENV}, {"name": "A", "source": ENV})
    assert problems("Atlas!", twice) == [
        "name: 'Atlas!'; expected lower-case letters, digits and dashes, 40 at most, no dash at either end",
        "secrets: A stands there 2 times; expected once",
    ]


def test_value_is_the_own_value_and_no_other_secret() -> None:
    given = secrets({"name": "value", "source": ENV}, {"name": "A", "template": "${value}"})
    assert problems("atlas", given) == [
        "secret A: the template refers to value, which is not there; expected a secret with a source of its own"
    ]


def test_templates_may_not_refer_in_circles() -> None:
    circle = secrets({"name": "A", "template": "${B}"}, {"name": "B", "template": "${A}"}, {"name": "C", "source": ENV})
    assert problems("atlas", circle) == [
        "secret A: its template refers to itself by way of others",
        "secret B: its template refers to itself by way of others",
    ]


def test_each_comes_after_those_it_refers_to() -> None:
    given = secrets({"name": "A", "template": "${C}"}, {"name": "B", "source": ENV}, {"name": "C", "template": "${B}"})
    assert [secret.name for secret in in_order(given)] == ["B", "C", "A"]
