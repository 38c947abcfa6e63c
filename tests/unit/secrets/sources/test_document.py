# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Values inside documents."""

from __future__ import annotations

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.document import load_json, value_at

DOCUMENT = load_json(
    """{"db": {"password": "p\\u00fc", "port": 5432, "f": 1.10, "on": true, "off": false, "none": null, "8": "k"},
        "list": [{"a": "x"}, "y"], "big": 123456789012345678901234567890}"""
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (["db", "password"], "pü".encode()),
        (["db", "port"], b"5432"),
        (["db", "f"], b"1.10"),
        (["db", "on"], b"true"),
        (["db", "off"], b"false"),
        (["db", 8], b"k"),
        (["big"], b"123456789012345678901234567890"),
        (["list", 0, "a"], b"x"),
        (["list", "1"], b"y"),
        (["list", 2], None),
        (["db", "none"], None),
        (["db", "none", "deeper"], None),
        (["gone", "deeper"], None),
    ],
)
def test_what_is_at_a_path(path: list[str | int], expected: bytes | None) -> None:
    assert value_at(DOCUMENT, path) == expected


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (["db"], "is a mapping; expected text, a number or a boolean"),
        (["list"], "is a list; expected text, a number or a boolean"),
        ([], "is a mapping; expected text, a number or a boolean"),
        (["db", "password", "x"], "cannot be reached: text is at db.password; expected a mapping with x"),
        (["list", "x"], "cannot be reached: a list is at list; expected a mapping with x"),
    ],
)
def test_what_is_no_value_is_told_by_its_type(path: list[str | int], words: str) -> None:
    with pytest.raises(SecretError) as caught:
        value_at(DOCUMENT, path)
    assert str(caught.value) == words
