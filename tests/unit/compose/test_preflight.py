# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is in the way of a plan."""

from __future__ import annotations

import errno
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.compose.model import Observed, Port
from ansible_collections.bunops.platform.plugins.module_utils.compose.plan import plan_present
from ansible_collections.bunops.platform.plugins.module_utils.compose.preflight import obstacles, overlap
from ansible_collections.bunops.platform.tests.unit.compose.support import observed_of, project_of

PORTS = [{"target": 80, "published": "8080", "host_ip": "127.0.0.1"}]


def found(document: dict[str, Any], observed: Observed, refused: int | None = None) -> list[str]:
    """Obstacles of the plan for a project; refused: what the host says about every port."""
    project = project_of(document)
    plan = plan_present(project, observed, sorted(project.services))
    return obstacles(project, observed, plan, lambda _port: refused)


def test_nothing_is_asked_when_nothing_is_planned() -> None:
    project = project_of({"services": {"api": {"ports": PORTS, "pull_policy": "never"}}})
    assert (
        found({"services": {"api": {"ports": PORTS, "pull_policy": "never"}}}, observed_of(project), errno.EADDRINUSE)
        == []
    )


def test_port_of_a_process() -> None:
    assert found({"services": {"api": {"ports": PORTS}}}, Observed(), errno.EADDRINUSE) == [
        "Service api: port 127.0.0.1:8080 is taken by a process of this host (no container)."
    ]


def test_port_of_a_container_is_named_without_asking_the_host() -> None:
    project = project_of({"services": {"api": {}}})
    observed = observed_of(
        project,
        containers={"api-1": None},
        neighbours=[{"name": "web", "project": "shop", "ports": [("", 8080, 80, "tcp")]}],
    )
    assert found({"services": {"api": {"ports": PORTS}}}, observed, errno.EADDRINUSE) == [
        "Service api: port 127.0.0.1:8080 is taken by container web of the Compose project shop."
    ]


def test_port_of_a_service_that_stays() -> None:
    observed = observed_of(project_of({"services": {"web": {"ports": PORTS}}}))
    assert found({"services": {"web": {"ports": PORTS}, "api": {"ports": PORTS}}}, observed) == [
        "Service api: port 127.0.0.1:8080 is taken by service web of this project."
    ]


def test_port_that_the_same_plan_frees() -> None:
    observed = observed_of(project_of({"services": {"web": {"ports": PORTS}}}))
    assert found({"services": {"web": {}, "api": {"ports": PORTS}}}, observed, errno.EADDRINUSE) == []


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Port("", 80, 1, "tcp"), Port("127.0.0.1", 80, 2, "tcp"), True),
        (Port("0.0.0.0", 80, 1, "tcp"), Port("127.0.0.1", 80, 2, "tcp"), True),
        (Port("127.0.0.1", 80, 1, "tcp"), Port("127.0.0.2", 80, 2, "tcp"), False),
        (Port("", 80, 1, "tcp"), Port("", 80, 1, "udp"), False),
        (Port("", 80, 1, "tcp"), Port("", 81, 1, "tcp"), False),
    ],
)
def test_overlap(one: Port, other: Port, expected: bool) -> None:
    assert overlap(one, other) is overlap(other, one) is expected


def test_images() -> None:
    document = {"services": {"a": {"pull_policy": "never"}, "b": {"build": {}}, "c": {}, "d": {"pull_policy": "build"}}}
    assert [text.split(":")[0] for text in found(document, Observed())] == ["Service a", "Service b", "Service d"]


def test_names_of_others() -> None:
    observed = Observed(
        neighbours=observed_of(
            project_of({}),
            neighbours=[{"name": "atlas-api-2", "project": "other"}, {"name": "atlas-api-3"}, {"name": "fixed"}],
        ).neighbours
    )
    assert found({"services": {"api": {"scale": 2}, "db": {"container_name": "fixed"}}}, observed) == [
        "Service api: the container name atlas-api-2 is taken by a container of the Compose project other.",
        "Service db: the container name fixed is taken by a container of no Compose project.",
    ]
