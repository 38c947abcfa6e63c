# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""JSON Merge Patch, and the filter that inventories use it by."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.bunops.platform.plugins.filter.patched import patched
from ansible_collections.bunops.platform.plugins.plugin_utils.merge_patch import merge_patch
from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.tests.unit.model.catalogs import good

# https://www.rfc-editor.org/rfc/rfc7386#appendix-A
RFC_7386 = """
- [{a: b}, {a: c}, {a: c}]
- [{a: b}, {b: c}, {a: b, b: c}]
- [{a: b}, {a: null}, {}]
- [{a: b, b: c}, {a: null}, {b: c}]
- [{a: [b]}, {a: c}, {a: c}]
- [{a: c}, {a: [b]}, {a: [b]}]
- [{a: {b: c}}, {a: {b: d, c: null}}, {a: {b: d}}]
- [{a: [{b: c}]}, {a: [1]}, {a: [1]}]
- [[a, b], [c, d], [c, d]]
- [{a: b}, [c], [c]]
- [{a: foo}, null, null]
- [{a: foo}, bar, bar]
- [{e: null}, {a: 1}, {e: null, a: 1}]
- [[1, 2], {a: b, c: null}, {a: b}]
- [{}, {a: {bb: {ccc: null}}}, {a: {bb: {}}}]
"""


@pytest.mark.parametrize(("target", "patch", "result"), yaml.safe_load(RFC_7386))
def test_the_cases_of_the_rfc(target: object, patch: object, result: object) -> None:
    before = copy.deepcopy(target)
    assert merge_patch(target, patch) == result
    assert target == before


JSON = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("abc", max_size=1), inner, max_size=3),
    max_leaves=8,
)
MAPPINGS = st.dictionaries(st.text("abc", max_size=1), JSON, max_size=3)


def difference(old: Any, new: Any) -> Any:
    """The patch that makes one of the other."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    changed = {
        key: difference(old.get(key), value) for key, value in new.items() if old.get(key) != value or key not in old
    }
    return {**changed, **dict.fromkeys(old.keys() - new.keys())}


@given(MAPPINGS, MAPPINGS)
def test_the_difference_of_two_makes_one_of_the_other(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert merge_patch(old, difference(old, new)) == new


@given(MAPPINGS)
def test_an_empty_patch_changes_nothing(target: dict[str, Any]) -> None:
    assert merge_patch(target, {}) == target


def test_a_catalog_for_another_environment() -> None:
    patch = {
        "registry": "registry.example.com/shop",
        "services": {"api": {"replicas": {"min": 3}}, "web": {"replicas": 2}},
        "stores": {"redis": {"external": "rediss://redis.internal:6380"}},
        "secrets": {"REDIS_PASSWORD": {"generate": None, "env": "REDIS_PASSWORD"}, "MAIL_KEY": None},
    }
    raw = wrap_var(good())
    raw["services"]["api"]["secrets"] = ["REDIS_PASSWORD", "TURSO_AUTH_TOKEN"]
    platform = Platform.parse(patched(raw, wrap_var(patch)))
    assert platform.normalised()["stores"]["redis"] == {"kind": "redis", "external": "rediss://redis.internal:6380"}  # type: ignore[index]
    assert platform.services["web"].replicas == 2
    assert platform.normalised()["services"]["api"]["replicas"] == {"min": 3, "max": 10, "cpu_percent": 70}  # type: ignore[index]
    assert "MAIL_KEY" not in platform.secrets


@pytest.mark.parametrize(
    ("platform", "patch", "problem"),
    [
        ([1], {}, "platform: a list is not a mapping"),
        ({}, None, "patch: is empty, expected a mapping; leave the key out or give it a value"),
        ({}, "name: atlas", 'patch: "name: atlas" is not a mapping'),
        (
            {},
            {"services": {"api": {True: 1}}},
            "patch.services.api: the key true is not a string; YAML reads unquoted yes, no, on, off as true or false: "
            "put it in quotes",
        ),
        (
            {},
            {"services": [{}], "x": {1: 2}},
            "patch.x: the key 1 is not a string; put it in quotes (YAML reads 0755 as octal, 1:30 as 90)",
        ),
    ],
)
def test_what_is_no_mapping_is_refused(platform: object, patch: object, problem: str) -> None:
    with pytest.raises(AnsibleFilterError) as refused:
        patched(platform, patch)
    assert str(refused.value) == problem
