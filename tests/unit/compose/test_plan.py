# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Plans as text. Each case in cases/ is a definition, what is there, and the plan between the two.

before: the definition that the containers were made from (default: the same). observed: see support.observed_of.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml

from ansible_collections.bunops.platform.plugins.module_utils.compose.model import ComposeError, Observed
from ansible_collections.bunops.platform.plugins.module_utils.compose.operations import Plan
from ansible_collections.bunops.platform.plugins.module_utils.compose.plan import plan_present
from ansible_collections.bunops.platform.plugins.module_utils.compose.teardown import plan_absent, plan_stopped
from ansible_collections.bunops.platform.tests.unit.compose.support import HERE, observed_of, project_of

CASES = {
    f"{path.stem}: {case['name']}": case
    for path in sorted((HERE / "cases").glob("*.yml"))
    for case in yaml.safe_load(path.read_text())
}


def planned(case: dict[str, Any]) -> Plan:
    """The plan of a case."""
    project = project_of(case)
    former = project_of(case["before"]) if "before" in case else project
    observed = Observed() if case.get("nothing_yet") else observed_of(former, **case.get("observed", {}))
    # Images have the ids that the containers were made from, unless the case says otherwise.
    images = {service.image: f"sha256:{service.image}" for service in project.services.values()}
    images.update(case.get("observed", {}).get("images") or {})
    observed = replace(observed, images={key: value for key, value in images.items() if value})
    if case.get("state") == "stopped":
        return plan_stopped("atlas", observed, case.get("wanted", []))
    if case.get("state") == "absent":
        return plan_absent("atlas", observed, case.get("wanted", []), case.get("remove_volumes", False))
    return plan_present(
        project,
        observed,
        project.with_dependencies(case.get("wanted", [])),
        adopted=case.get("adopted", ()),
        orphans=[item for item in observed.containers if item.service not in project.services],
    )


@pytest.mark.parametrize("name", CASES)
def test_plan(name: str) -> None:
    assert str(planned(CASES[name])) == CASES[name]["plan"].rstrip("\n")


def test_a_plan_leads_to_a_state_without_a_plan() -> None:
    """What a run leaves behind needs no further run, for every definition of the cases."""
    for case in CASES.values():
        if "state" not in case:
            settled = {
                key: value for key, value in case.items() if key not in ("before", "observed", "adopted", "nothing_yet")
            }
            assert planned(settled).operations == (), case["name"]


def test_unknown_service() -> None:
    with pytest.raises(ComposeError, match="has no service 'web'; it has 'api'"):
        project_of({"services": {"api": {}}}).with_dependencies(["web"])
