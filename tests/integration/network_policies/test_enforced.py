# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A network that enforces policies lets through what the catalog says, and nothing else.

Pods stand in for the parts of the reference platform, with the labels and in the namespaces that are rendered. What the
catalog means is what the unit tests of the policies say that it means.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.network_policies.probes import Edge, Probes
from ansible_collections.bunops.platform.tests.unit.renderers import test_network as catalog
from ansible_collections.bunops.platform.tests.unit.renderers.network_reader import Place

Object = dict[str, Any]


@pytest.fixture
def wanted(probes: Probes) -> set[Edge]:
    """What the catalog says."""
    may_call, lets_in = (partial(side, probes.platform) for side in (catalog.may_call, catalog.lets_in))

    def allows(source: Place, target: Place, port: int, protocol: str) -> bool:
        return may_call(source, target, port, protocol) and lets_in(source, target, port, protocol)

    return probes.every(allows)


def policies(probes: Probes) -> list[Object]:
    return [item for item in probes.rendered if item["kind"] == "NetworkPolicy"]


def test_without_policies_everybody_reaches_everybody(probes: Probes) -> None:
    """So what is closed below is closed by them."""
    every = probes.every(lambda *_edge: True)
    assert probes.until(every) == every


def test_the_rendered_policies_let_through_what_the_catalog_says(probes: Probes, wanted: set[Edge]) -> None:
    with probes.policies(policies(probes)):
        assert probes.until(wanted) == wanted


def test_what_is_tried_shows_the_platform(wanted: set[Edge]) -> None:
    """Or the test above would say less than it seems to."""
    platform = {"api", "worker", "dashboard", "redis", "turso", "fetcher"}
    assert {edge[:3] for edge in wanted if {*edge[:2]} <= platform} == {
        ("api", "redis", 6379),
        ("api", "turso", 8081),
        ("dashboard", "api", 8080),
        ("worker", "redis", 6379),
        ("worker", "turso", 8081),
    }
    assert {edge[1:3] for edge in wanted if edge[0] == "machine"} >= {("api", 8080), ("dashboard", 3000)}
    assert {edge[0] for edge in wanted if edge[1:] == ("name service", 53, "UDP")} == {
        "api", "worker", "dashboard", "queue-meter", "fetcher", "stranger",
    }  # fmt: skip
    assert {edge[1] for edge in wanted if edge[0] == "fetcher"} == {"name service", "listed, public"}
    assert ("worker", "API server", 443, "TCP") in wanted
    assert not [edge for edge in wanted if edge[0].startswith("intruder")]


def test_a_policy_that_lets_everybody_in_is_noticed(probes: Probes, wanted: set[Edge]) -> None:
    changed = [without_callers(item) if item["metadata"]["name"] == "redis" else item for item in policies(probes)]
    leaks = {(source, "redis", 6379, "TCP") for source in ("stranger", "machine")}
    assert not leaks & wanted
    with probes.policies(changed):
        assert probes.until(wanted | leaks) == wanted | leaks


def without_callers(policy: Object) -> Object:
    ingress = [{"ports": rule["ports"]} for rule in policy["spec"]["ingress"]]
    return {**policy, "spec": {**policy["spec"], "ingress": ingress}}
