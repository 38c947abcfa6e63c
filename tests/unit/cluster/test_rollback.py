# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What has to be applied to get the former state of an object back."""

from __future__ import annotations

from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.cluster.apply import is_changed
from ansible_collections.bunops.platform.plugins.module_utils.cluster.fields import overlaid
from ansible_collections.bunops.platform.plugins.module_utils.cluster.objects import read_objects
from ansible_collections.bunops.platform.plugins.module_utils.cluster.plan import Step
from ansible_collections.bunops.platform.plugins.module_utils.cluster.rollback import former_configuration, taken_fields
from ansible_collections.bunops.platform.tests.unit.cluster.support import discovery, edited, recorded


def test_what_was_ours_and_what_was_taken() -> None:
    """Before: A and B were ours, C and D another's. The run gave up B, took C, and added N."""
    record = recorded("forced")
    assert former_configuration(record["before"])["data"] == {"A": "1", "B": "2"}
    ((name, fields),) = taken_fields(record["before"], record["after"])
    assert (name, fields) == ("other", {"f:data": {"f:C": {}}})
    assert overlaid(fields, record["after"], record["before"])["data"] == {"A": "9", "C": "3", "D": "4", "N": "new"}


def test_an_object_of_somebody_else_is_given_back() -> None:
    live = recorded("configmap_of_others")["live"]
    ours = recorded("configmap")["live"]["metadata"]["managedFields"]
    after = edited(live, {"metadata.managedFields": ours, "data.A": "changed"})
    assert "data" not in former_configuration(live)
    ((name, fields),) = taken_fields(live, after)
    assert name == "kubectl-create"
    assert overlaid(fields, after, live)["data"] == {"A": "1"}


def test_without_taking_anything_only_our_part_is_applied() -> None:
    live = recorded("deployment")["live"]
    assert taken_fields(live, live) == []
    former = former_configuration(live)
    assert former["spec"]["template"]["spec"]["containers"][0]["image"] == "registry.example/api:1"
    assert set(former["spec"]) == set(recorded("deployment")["desired"]["spec"])


def step_for(live: dict[str, Any], going: bool = False) -> Step:
    (item,) = read_objects([recorded("configmap")["desired"]], discovery(), "atlas")
    return Step(item, item.body, "cause", live, going)


def test_only_our_fields_make_a_change() -> None:
    live = recorded("configmap")["live"]
    moved = {"metadata.resourceVersion": "9"}
    assert not is_changed(step_for(live), live)
    # Others wrote meanwhile, or the server wrote for nothing.
    assert not is_changed(step_for(live), edited(live, {**moved, "data.Z": "theirs"}))
    assert is_changed(step_for(live), edited(live, {**moved, "data.A": "9"}))
    assert is_changed(step_for(live), edited(live, {**moved, "metadata.managedFields.0.fieldsV1.f:data.f:C": {}}))
    assert is_changed(step_for(live, going=True), live)


def test_a_dry_run_keeps_the_version_of_what_it_would_change() -> None:
    live = recorded("configmap")["live"]
    other = edited(live, {"data.A": "9"})
    assert not is_changed(step_for(live), other)
    assert is_changed(step_for(live), other, dry_run=True)
