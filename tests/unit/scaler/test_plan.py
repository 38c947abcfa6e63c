# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Plans as text: cases/plans.yml."""

from __future__ import annotations

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.scaler.objects import KIND_OF, body
from ansible_collections.bunops.platform.plugins.module_utils.scaler.plan import Plan, plan_absent, plan_present
from ansible_collections.bunops.platform.tests.unit.scaler.support import QUEUE, Json, applied, cases, observed, wanted

CASES = cases("plans")
METRIC = {"metric": {"name": "jobs"}}


def planned(case: Json) -> Plan:
    want, seen = wanted(**QUEUE, **METRIC, **case.get("options", {})), observed(case)
    backend = case.get("backend", "keda")
    if "applied" in case:
        live = applied(body(want, backend, 30), **case["applied"])
        found = seen.scaled_objects if KIND_OF[backend][1] == "ScaledObject" else seen.autoscalers
        found.append(live)
    return plan_absent(want, seen) if case.get("state") == "absent" else plan_present(want, backend, seen)


@pytest.mark.parametrize("name", CASES)
def test_plan(name: str) -> None:
    plan = planned(CASES[name])
    parts = [f"  then {part.key} is gone" for removal in plan.removals for part in removal.parts]
    assert "\n".join([*plan.lines(), *parts]) == CASES[name]["plan"].rstrip("\n")
    assert plan.is_empty == (plan.lines() == [])
