# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The list of objects that a user gives: what is wrong with it, all of it at once, and what becomes of the rest."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.bunops.platform.plugins.module_utils.cluster.objects import BadObjects, Item, read_objects
from ansible_collections.bunops.platform.tests.unit.cluster.support import cases, discovery

CASES = cases("objects")
DISCOVERY = discovery()


def read(text: str) -> list[Item]:
    return read_objects(yaml.safe_load(text), DISCOVERY, "atlas")


@pytest.mark.parametrize("name", CASES)
def test_problems(name: str) -> None:
    case = CASES[name]
    with pytest.raises(BadObjects) as caught:
        read_objects(case["objects"], DISCOVERY, "atlas")
    assert caught.value.problems == case["problems"]


def test_lists_are_expanded_and_empty_documents_left_out() -> None:
    items = read("""
      - null
      - {apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Secret, metadata: {name: a}}, null]}
      - {apiVersion: v1, kind: ConfigMapList, items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}]}
    """)
    assert [str(item.key) for item in items] == ["Secret atlas/a", "ConfigMap atlas/b"]


def test_namespaces_are_filled_in_where_there_is_one() -> None:
    items = read("""
      - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
      - {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: other}}
      - {apiVersion: v1, kind: Namespace, metadata: {name: a}}
    """)
    assert [item.body["metadata"].get("namespace") for item in items] == ["atlas", "other", None]
    assert [item.path for item in items] == [
        "/api/v1/namespaces/atlas/configmaps/a",
        "/api/v1/namespaces/other/configmaps/a",
        "/api/v1/namespaces/a",
    ]


def test_plain_values_of_secrets_become_data() -> None:
    (item,) = read("""
      - {apiVersion: v1, kind: Secret, metadata: {name: a}, data: {A: b2xk, B: b2xk}, stringData: {B: "new", C: "ä"}}
    """)
    assert item.body["data"] == {"A": "b2xk", "B": "bmV3", "C": "w6Q="}
    assert "stringData" not in item.body


def test_what_generators_leave_behind_is_not_applied() -> None:
    deployment, service = read("""
      - {apiVersion: apps/v1, kind: Deployment, metadata: {name: a, creationTimestamp: null}, status: {}}
      - {apiVersion: v1, kind: Service, metadata: {name: a}, status: {}}
    """)
    assert deployment.body["metadata"] == {"name": "a", "namespace": "atlas"}
    assert "status" not in deployment.body
    # Only kinds whose status is written elsewhere lose it.
    assert "status" in service.body


def test_kinds_of_the_sets_own_definitions() -> None:
    definition, widget = read("""
      - apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: widgets.example.com}
        spec:
          group: example.com
          scope: Namespaced
          names: {kind: Widget, plural: widgets}
          versions: [{name: v1, served: true}]
      - {apiVersion: example.com/v1, kind: Widget, metadata: {name: a}}
    """)
    assert not definition.foreseen
    assert widget.foreseen
    assert widget.path == "/apis/example.com/v1/namespaces/atlas/widgets/a"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
OBJECTS = st.fixed_dictionaries(
    {},
    optional={
        "apiVersion": st.sampled_from(["v1", "apps/v1", "apiextensions.k8s.io/v1"]) | JSON,
        "kind": st.sampled_from(["Secret", "List", "CustomResourceDefinition", "Namespace"]) | JSON,
        "metadata": st.fixed_dictionaries({}, optional={"name": JSON, "namespace": JSON, "labels": JSON}) | JSON,
        "spec": st.fixed_dictionaries({}, optional={"names": JSON, "versions": JSON, "group": JSON}) | JSON,
        "items": JSON,
        "data": JSON,
        "stringData": JSON,
    },
)


@example([{"kind": "CustomResourceDefinition", "spec": {"names": ["a"], "versions": ["v1"]}}])
@example([{"kind": "CustomResourceDefinition", "spec": ["names"]}])
@given(st.lists(OBJECTS | JSON, max_size=4))
def test_whatever_comes_is_read_or_refused(objects: list[Any]) -> None:
    try:
        items = read_objects(objects, DISCOVERY, "atlas")
    except BadObjects as error:
        assert error.problems
    else:
        assert len({item.key for item in items}) == len(items)
