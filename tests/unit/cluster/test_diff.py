# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The diff of an object: only what changes, without the server's own fields and without secrets."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.bunops.platform.plugins.module_utils.cluster.diff import object_diff
from ansible_collections.bunops.platform.tests.unit.cluster.support import cases

CASES = cases("diffs")


@pytest.mark.parametrize("name", CASES)
def test_diff(name: str) -> None:
    case = CASES[name]
    found = object_diff("title", case.get("before"), case.get("after"))
    assert found["before"] == case.get("old", "")
    assert found["after"] == case.get("new", "")
    assert found["before_header"] == found["after_header"] == "title"


def test_credentials_in_addresses() -> None:
    body = {"kind": "Deployment", "spec": {"args": ["--url=redis://user:canary@redis:6379/0"]}}
    text = object_diff("title", None, body)["after"]
    assert "canary" not in text
    assert "@redis:6379/0" in text


CANARY = "canary-in-a-coal-mine"
PLAIN = st.none() | st.booleans() | st.integers() | st.just("text")
NAMES = st.sampled_from(["A", "B", "C"])
SECRETS = st.fixed_dictionaries(
    {"kind": st.just("Secret")},
    optional={
        "data": st.dictionaries(NAMES, st.just(base64.b64encode(CANARY.encode()).decode()) | PLAIN),
        "stringData": st.dictionaries(NAMES, st.just(CANARY) | PLAIN),
        "metadata": st.dictionaries(NAMES, PLAIN),
    },
)


@given(SECRETS | st.none(), SECRETS | st.none())
def test_no_value_of_a_secret_ever_shows(before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
    shown = json.dumps(object_diff("title", before, after))
    assert CANARY not in shown
    assert base64.b64encode(CANARY.encode()).decode() not in shown


WORDS = st.sampled_from(["name", "x", "y"])
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner), max_leaves=10)
OBJECTS = VALUES.map(lambda value: {"spec": value})


@example({"spec": [{"name": None}]}, {"spec": [{"name": []}]})
@given(OBJECTS, OBJECTS)
def test_equal_objects_have_no_diff_and_others_have_one(before: dict[str, Any], after: dict[str, Any]) -> None:
    found = object_diff("title", before, after)
    same = json.dumps(before, sort_keys=True) == json.dumps(after, sort_keys=True)
    assert (found["before"] == found["after"] == "") == same
