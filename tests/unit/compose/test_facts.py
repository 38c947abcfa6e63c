# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What was done, from two snapshots; how services stand."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.compose.facts import real_actions, service_states
from ansible_collections.bunops.platform.plugins.module_utils.compose.model import Observed
from ansible_collections.bunops.platform.plugins.module_utils.compose.operations import Operation, Plan
from ansible_collections.bunops.platform.tests.unit.compose.support import observed_of, project_of

PROJECT = project_of({"services": {"api": {"scale": 2}}, "volumes": {"data": {}}})


@pytest.mark.parametrize(
    ("before", "after", "actions"),
    [
        ({}, {}, set()),
        ({"api-2": None}, {}, {"created"}),
        ({}, {"api-2": None}, {"removed"}),
        ({}, {"api-1": {"id": "new"}}, {"recreated"}),
        ({"api-1": {"status": "exited"}}, {"api-1": {"started_at": "later"}}, {"started"}),
        ({}, {"api-1": {"started_at": "later"}}, {"started"}),
        ({}, {"api-1": {"status": "exited"}}, {"stopped"}),
        ({"api-1": {"status": "exited"}}, {"api-1": {"status": "exited", "started_at": "later"}}, {"started"}),
        ({"api-1": {"status": "paused"}}, {}, {"started"}),
        ({}, {"api-1": {"id": "new"}, "api-2": None}, {"recreated", "removed"}),
    ],
)
def test_actions(before: dict[str, Any], after: dict[str, Any], actions: set[str]) -> None:
    found = real_actions(
        "atlas", observed_of(PROJECT, containers=before), observed_of(PROJECT, containers=after), Plan()
    )
    assert {(item["service"], item["action"]) for item in found} == {("api", action) for action in actions}


def test_networks_and_volumes_and_causes() -> None:
    plan = Plan((Operation("create", "volume", "atlas_data", "because"),))
    found = real_actions("atlas", Observed(), observed_of(PROJECT, containers={"api-1": None, "api-2": None}), plan)
    assert [(item["resource"], item["name"], item["action"], item["cause"]) for item in found] == [
        ("network", "atlas_default", "created", ""),
        ("volume", "atlas_data", "created", "because"),
    ]


@pytest.mark.parametrize(
    ("containers", "state"),
    [
        ({}, ("running", "", None)),
        ({"api-2": {"status": "exited", "exit_code": 3}}, ("exited", "", 3)),
        ({"api-2": {"health": "unhealthy"}, "api-1": {"health": "healthy"}}, ("running", "unhealthy", None)),
        ({"api-1": None, "api-2": None}, ("absent", "", None)),
    ],
)
def test_the_worst_container_speaks_for_its_service(containers: dict[str, Any], state: tuple[str, str, int]) -> None:
    found = service_states(PROJECT, observed_of(PROJECT, containers=containers), ["api"])[0]
    assert (found["state"], found["health"], found["exit_code"]) == state
