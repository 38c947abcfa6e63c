# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""One catalog means the same under Compose and on Kubernetes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.compose import compose
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.environment import environment
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.render import manifests
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.names import GUARD, LOG_COLLECTOR, METER
from ansible_collections.bunops.platform.tests.unit.renderers.cases import CASES, HOST, cluster_of, platform_of
from ansible_collections.bunops.platform.tests.unit.renderers.catalog_strategy import catalogs
from ansible_collections.bunops.platform.tests.unit.renderers.facts import (
    Facts,
    of_compose,
    of_kubernetes,
    stop_seconds_of_compose,
)
from ansible_collections.bunops.platform.tests.unit.renderers.network_reader import templates

# How a program starts tasks is the one thing that it has to know of where it runs.
RUNNER = {"DOCKER_HOST", "TASK_RUNNER", "TASKS_NAMESPACE"}


def both(platform: Platform) -> dict[str, tuple[Facts, Facts]]:
    """What each program gets, under Compose and on Kubernetes."""
    here, there = of_compose(compose(platform, HOST)), of_kubernetes(manifests(platform, cluster_of(platform)))
    in_docker = {GUARD, LOG_COLLECTOR, *(platform.tasks if platform.docker == "socket" else ())}
    in_cluster = {METER}
    assert here.keys() - in_docker == there.keys() - in_cluster
    return {name: (here[name], facts) for name, facts in there.items() if name in here}


def without_runner(facts: Facts) -> Facts:
    return replace(facts, environment={key: facts.environment[key] for key in facts.environment.keys() - RUNNER})


@pytest.mark.parametrize("case", CASES)
def test_programs_get_the_same(case: str) -> None:
    for name, (here, there) in both(platform_of(case)).items():
        assert without_runner(here) == without_runner(there), name


@settings(max_examples=30)
@given(catalogs())
def test_programs_of_any_catalog_get_the_same(raw: dict[str, object]) -> None:
    for name, (here, there) in both(Platform.parse(raw)).items():
        assert without_runner(here) == without_runner(there), name


@pytest.mark.parametrize("case", CASES)
def test_starters_know_where_they_run(case: str) -> None:
    platform = platform_of(case)
    for name, (here, there) in both(platform).items():
        starts = name in platform.services and bool(platform.services[name].starts)
        socket = {"DOCKER_HOST"} if starts else set()
        jobs = {"TASK_RUNNER", "TASKS_NAMESPACE"} if starts else set()
        assert here.environment.keys() & RUNNER == socket, name
        assert there.environment.keys() & RUNNER == (socket if platform.docker == "socket" else jobs), name


@pytest.mark.parametrize("case", CASES)
def test_everything_has_as_long_to_end(case: str) -> None:
    """On Kubernetes also the seconds in which requests still arrive."""
    platform = platform_of(case)
    project = compose(platform, HOST)
    for name, (_, template) in templates(manifests(platform, cluster_of(platform))).items():
        if name in platform.tasks or name == METER:
            continue
        (container,) = template["spec"]["containers"]
        farewell = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        grace = template["spec"]["terminationGracePeriodSeconds"]
        assert grace - farewell >= stop_seconds_of_compose(project, name), name
        assert farewell > 0 or name not in platform.services or platform.services[name].port is None


@pytest.mark.parametrize("case", CASES)
def test_the_list_of_variables_is_what_programs_get(case: str) -> None:
    platform = platform_of(case)
    for name, (_, there) in both(platform).items():
        rows = [row for row in environment(platform) if row["service"] == name and "kubernetes" in row["targets"]]
        assert {row["name"]: row["default"] for row in rows} == there.environment, name
