# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is asked of the API about objects that are not ready."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.explain import explain
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import Target, waiting
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.observe import Observer, selector_text
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.plain import slim
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.relatives import newest_pods
from ansible_collections.bunops.platform.tests.unit.cluster.readiness.support import FakeReader
from ansible_collections.bunops.platform.tests.unit.cluster.readiness.test_wait import (
    API,
    crashing,
    deployment,
    replica_set,
)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({"matchLabels": {"b": "2", "a": "1"}}, "a=1,b=2"),
        (
            {
                "matchLabels": {"a": "1"},
                "matchExpressions": [
                    {"key": "tier", "operator": "In", "values": ["x", "y"]},
                    {"key": "env", "operator": "NotIn", "values": ["z"]},
                    {"key": "app", "operator": "Exists"},
                    {"key": "old", "operator": "DoesNotExist"},
                ],
            },
            "a=1,tier in (x,y),env notin (z),app,!old",
        ),
        ({"app": "of a ReplicationController"}, "app=of a ReplicationController"),
        ({}, None),
        ("a=custom", None),
        (None, None),
    ],
)
def test_selectors(selector: Any, expected: str | None) -> None:
    assert selector_text({"spec": {"selector": selector}}) == expected


def test_pods_of_others_with_the_same_labels_are_left_out() -> None:
    foreign = crashing("2", 9)
    foreign["metadata"]["ownerReferences"] = [{"uid": "someone", "controller": True}]
    ready = crashing("2", 0)
    ready["metadata"]["name"] = "fine"
    ready["status"]["conditions"] = [{"type": "Ready", "status": "True"}]
    objects = [deployment(0), replica_set("1"), replica_set("2"), crashing("1", 9), crashing("2", 1), foreign, ready]
    around = Observer(FakeReader(objects), None).around({API: slim(objects[0])}, with_all_events=False)
    assert [pod["metadata"]["name"] for pod in newest_pods(objects[0], around)] == ["api-2-x"]


def test_pods_that_leave_are_looked_for_only_where_room_is_short() -> None:
    waits = crashing("2", 0)
    waits["status"] = {
        "conditions": [
            {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "1 Insufficient cpu"}
        ]
    }
    leaves = crashing("1", 0, owner="web")
    leaves["metadata"]["deletionTimestamp"] = "2026-11-01T00:00:00Z"
    objects = [deployment(0), replica_set("2"), waits, leaves]
    reader = FakeReader(objects)
    around = Observer(reader, None).around({API: slim(objects[0])}, with_all_events=False)
    assert around.leaving == {"atlas"}
    assert [cause.grace for cause in explain(API, slim(objects[0]), waiting("…"), around)] == [None]
    calm = FakeReader([deployment(0), replica_set("2"), crashing("2", 1), leaves])
    assert Observer(calm, None).around({API: slim(objects[0])}, with_all_events=False).leaving == set()
    assert [asked for asked in calm.asked if asked.startswith("Pod")] == ["Pod atlas app=api"]


def test_cluster_scoped_objects_have_no_pods() -> None:
    target = Target("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", "things.example.test")
    reader = FakeReader([])
    Observer(reader, None).around({target: {"kind": "CustomResourceDefinition"}}, with_all_events=True)
    assert reader.asked == []


def test_what_is_kept_of_an_object() -> None:
    value = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": "api",
            "managedFields": [{}],
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "a": "b"},
        },
        "spec": {"replicas": 1, "template": {}},
        "status": {"replicas": 1},
    }
    assert slim(value) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "api", "annotations": {"a": "b"}},
        "spec": {"replicas": 1},
        "status": {"replicas": 1},
    }
