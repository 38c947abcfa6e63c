# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Field sets: what they pick out of an object, and how they are combined."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.bunops.platform.plugins.module_utils.cluster.fields import (
    applied_fields,
    common,
    configuration,
    extract,
    minus,
    overlaid,
    owned_by_others,
)
from ansible_collections.bunops.platform.tests.unit.cluster.support import MANAGER, recorded

NAMES = st.sampled_from(["f:a", "f:b", 'k:{"name":"x"}'])
FIELDS = st.recursive(
    st.just({}), lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=3), max_leaves=8
).map(lambda value: {"f:root": value})


def test_extract_takes_just_what_is_owned() -> None:
    fields: dict[str, Any] = {
        "f:replicas": {},
        "f:missing": {},
        "f:items": {'k:{"name":"b"}': {".": {}, "f:name": {}, "f:value": {}}, 'k:{"name":"gone"}': {".": {}}},
        "f:ports": {'k:{"port":80,"protocol":"TCP"}': {".": {}, "f:port": {}}},
        "f:finalizers": {'v:"mine"': {}},
    }
    value = {
        "replicas": {"whole": ["of", "it"]},
        "other": 1,
        "items": [{"name": "a", "value": 1}, {"name": "b", "value": 2, "more": 3}],
        "ports": [{"port": 80, "protocol": "UDP"}, {"port": 80, "protocol": "TCP", "name": "web"}],
        "finalizers": ["theirs", "mine"],
    }
    assert extract(fields, value) == {
        "replicas": {"whole": ["of", "it"]},
        "items": [{"name": "b", "value": 2}],
        "ports": [{"port": 80}],
        "finalizers": ["mine"],
    }


def test_items_keep_their_order() -> None:
    fields: dict[str, Any] = {'k:{"name":"b"}': {".": {}, "f:name": {}}, 'k:{"name":"a"}': {".": {}, "f:name": {}}}
    assert extract(fields, [{"name": "a"}, {"name": "x"}, {"name": "b"}]) == [{"name": "a"}, {"name": "b"}]


def test_configuration_of_an_object() -> None:
    record = recorded("deployment")
    fields = applied_fields(record["live"], MANAGER)
    assert fields is not None
    applied = configuration(fields, record["live"])
    assert applied["metadata"] == record["desired"]["metadata"]
    (container,) = applied["spec"]["template"]["spec"]["containers"]
    assert container["resources"]["requests"] == {"cpu": "1", "memory": "1Gi"}
    assert "strategy" not in applied["spec"]


def test_nothing_owned_is_the_bare_object() -> None:
    live = recorded("configmap_of_others")["live"]
    assert applied_fields(live, MANAGER) is None
    assert configuration({}, live) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "adopted", "namespace": "atlas"},
    }
    assert len(owned_by_others(live, MANAGER)) == 1


@given(FIELDS, FIELDS)
def test_parts_make_no_more_than_the_whole(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert minus(one, one) == {}
    assert common(one, one) == one
    assert minus(minus(one, other), other) == minus(one, other)
    assert common(minus(one, other), other) == {}


def test_overlaid() -> None:
    fields: dict[str, Any] = {
        "f:replicas": {},
        "f:gone": {},
        "f:items": {'k:{"name":"b"}': {".": {}, "f:value": {}}, 'k:{"name":"c"}': {".": {}}},
        "f:set": {'v:"x"': {}},
    }
    target = {"replicas": 2, "other": 1, "items": [{"name": "a"}, {"name": "b", "value": 2, "more": 2}], "set": ["y"]}
    source = {"replicas": 1, "items": [{"name": "b", "value": 1, "more": 1}, {"name": "c"}], "set": ["x"]}
    assert overlaid(fields, target, source) == {
        "replicas": 1,
        "other": 1,
        "items": [{"name": "a"}, {"name": "b", "value": 1, "more": 2}, {"name": "c"}],
        "set": ["y", "x"],
    }
    assert target["replicas"] == 2


def test_minus_leaves_no_empty_nodes() -> None:
    assert minus({"f:a": {"f:b": {}, "f:c": {}}}, {"f:a": {"f:b": {}, "f:c": {}}}) == {}
    assert minus({"f:a": {"f:b": {}, "f:c": {}}}, {"f:a": {"f:b": {}}}) == {"f:a": {"f:c": {}}}
    assert minus({"f:a": {"f:b": {}}}, {"f:a": {}}) == {}
