# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Templates of values."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.template import problems, references, render

VALUES = {"OTHER": b"o", "A.b-c": b"p/w\xff", "TEXT": '"\\\nü'.encode()}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("redis://:${value}@redis:6379", b"redis://:own@redis:6379"),
        ("${value}${OTHER}", b"owno"),
        ("${A.b-c|urlencode}", b"p%2Fw%FF"),
        ("${A.b-c|base64}", b"cC93/w=="),
        ("${A.b-c}", b"p/w\xff"),
        ("${value|sha256}", b"5b3975651c3cab92d044c096dc30a1c2d9525497457472de48c51ecb363d1f4a"),
        ('{"k": "${TEXT|json}"}', '{"k": "\\"\\\\\\nü"}'.encode()),
        (
            "${value|sha256|base64}",
            b"NWIzOTc1NjUxYzNjYWI5MmQwNDRjMDk2ZGMzMGExYzJkOTUyNTQ5NzQ1NzQ3MmRlNDhjNTFlY2IzNjNkMWY0YQ==",
        ),
        ("$$${value}$$", b"$own$"),
        ("$${value}", b"${value}"),
        ("ü", "ü".encode()),
        ("", b""),
    ],
)
def test_what_a_template_makes(template: str, expected: bytes) -> None:
    assert problems(template, {*VALUES, "value"}) == []
    assert render(template, VALUES, b"own") == expected


@given(st.binary(), st.binary())
def test_values_are_never_templates_themselves(own: bytes, other: bytes) -> None:
    assert render("a${value}b${X}", {"X": other}, own) == b"a" + own + b"b" + other


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_filtered_value_can_stand_in_json(text: str) -> None:
    assert json.loads(b'"' + render("${value|json}", {}, text.encode()) + b'"') == text


def test_what_it_refers_to() -> None:
    assert references("${value}${A|json} $$ ${A} $${B}") == {"value", "A"}
    assert references("") == set()


def test_all_problems_at_once() -> None:
    assert problems("${value} ${GONE|json|jsn} $5 ${OTHER", {"OTHER"}) == [
        "the template refers to value, which is not there; expected a secret with a source of its own",
        "the template refers to GONE, which is not there; expected the name of a secret",
        "the template has the filter 'jsn'; expected one of base64, urlencode, sha256, json",
        "the template has a $ at character 27 alone; expected ${NAME}, or $$ for a dollar",
        "the template has a $ at character 30 alone; expected ${NAME}, or $$ for a dollar",
    ]


def test_what_is_no_text_cannot_stand_in_json() -> None:
    with pytest.raises(SecretError) as caught:
        render("${CANARY|json}", {"CANARY": b"canary\xff"}, b"")
    assert str(caught.value) == "the value of CANARY is no UTF-8; expected it for the filter json"
