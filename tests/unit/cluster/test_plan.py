# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Plans as text. Each case in cases/plans.yml is what is wanted, what is there, and the plan between the two."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.applyset import (
    GROUP_KINDS,
    NAMESPACES,
    Membership,
    SetName,
    membership_of,
    parent_object,
)
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.objects import Key, read_objects
from ansible_collections.bunops.platform.plugins.module_utils.cluster.plan import Plan, plan_absent, plan_present
from ansible_collections.bunops.platform.plugins.module_utils.cluster.state import Member, Observed, Seen
from ansible_collections.bunops.platform.tests.unit.cluster.support import cases, discovery

CASES = cases("plans")
DISCOVERY = discovery()
NAME = SetName("shop", "atlas")


def observed_of(case: dict[str, Any]) -> Observed:
    """The state of a case."""
    parent = None
    if "parent" in case:
        parent = parent_object(NAME, Membership())
        parent["metadata"]["annotations"][GROUP_KINDS] = case["parent"]
    recorded = membership_of(NAME, parent)
    seen = {_key(name): _seen(value) for name, value in (case.get("seen") or {}).items()}
    members = [_member(entry) for entry in case.get("members", [])]
    return Observed(parent, recorded, seen, members, frozenset(case.get("absent", [])))


def _seen(value: Any) -> Seen:
    fields = value if isinstance(value, dict) else {"cause": value}
    found = Seen(**{"cause": None, **fields})
    return found._replace(live={"metadata": {"resourceVersion": "1"}}) if found.cause else found


def _member(entry: Any) -> Member:
    fields = dict(entry) if isinstance(entry, dict) else {"key": entry}
    key = _key(fields.pop("key"))
    return Member(key, DISCOVERY.resource("v1", key.kind), "uid", **fields)


def _key(text: str) -> Key:
    kind, name = text.split()
    resource = DISCOVERY.resource("v1", kind)
    return Key(resource.group, kind, "atlas" if resource.namespaced else "", name)


def planned(case: dict[str, Any]) -> Plan:
    """The plan of a case."""
    observed, volumes = observed_of(case), case.get("volumes", False)
    if case.get("state") == "absent":
        return plan_absent(NAME, observed, volumes=volumes)
    items = read_objects(case["objects"], DISCOVERY, "atlas")
    limit = case.get("prune_limit", 20)
    return plan_present(NAME, items, observed, prune=case.get("prune", True), prune_limit=limit, volumes=volumes)


def text_of(plan: Plan) -> str:
    """A plan with its stages and with what becomes of the parent."""
    lines = [_records(plan.during)] if plan.during else []
    rest = plan._replace(stages=[])
    for number, stage in enumerate(plan.stages, 1):
        steps = rest._replace(stages=[stage], prunes=[], released=[], kept=[])
        lines += [f"{number} {line}" for line in steps.lines()]
    lines += rest.lines()
    lines += [f"wait for {item.key}" for item in plan.unready]
    lines += [_records(plan.after)] if plan.after else []
    return "\n".join(lines) or "nothing"


def _records(membership: Membership) -> str:
    annotations = parent_object(NAME, membership)["metadata"]["annotations"]
    spaces = f" in {annotations[NAMESPACES]}" if NAMESPACES in annotations else ""
    return f"parent: {annotations[GROUP_KINDS] or 'nothing'}{spaces}"


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "plan" in case])
def test_plan(name: str) -> None:
    plan = planned(CASES[name])
    assert text_of(plan) == CASES[name]["plan"].rstrip("\n")
    writes = [line for line in text_of(plan).splitlines() if not line.startswith(("nothing", "keep", "wait"))]
    assert plan.is_empty == (not writes)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "error" in case])
def test_no_plan(name: str) -> None:
    with pytest.raises(ClusterError) as caught:
        planned(CASES[name])
    assert str(caught.value) == CASES[name]["error"]


def test_namespaces_that_the_set_makes_carry_its_mark() -> None:
    objects = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "atlas"}}]
    (step,) = planned({"objects": objects, "absent": ["atlas"]}).steps
    assert step.body["metadata"]["annotations"] == {"bunops.platform/created-by": NAME.id}


def test_namespaces_that_were_there_carry_none() -> None:
    objects = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "atlas"}}]
    (step,) = planned({"objects": objects, "seen": {"Namespace atlas": "differs"}}).steps
    assert "annotations" not in step.body["metadata"]
