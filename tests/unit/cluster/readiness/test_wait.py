# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The wait itself, against a stand-in for the cluster and for time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError, ClusterError, Unreachable
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import (
    Expectation,
    NotReady,
    Target,
)
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.wait import wait_until_ready
from ansible_collections.bunops.platform.tests.unit.cluster.readiness.support import Clock, FakeReader

API = Target("apps/v1", "Deployment", "atlas", "api")
SETTINGS = Target("v1", "ConfigMap", "atlas", "settings")
PROBED = [{"name": "api", "image": "r.test/api:1", "readinessProbe": {}}]


def deployment(available: int, wanted: int = 1, probed: bool = True, name: str = "api") -> dict[str, Any]:
    """A Deployment whose newest ReplicaSet has that many available pods."""
    containers = PROBED if probed else [{"name": "api", "image": "r.test/api:1"}]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": name,
            "namespace": "atlas",
            "uid": f"d-{name}",
            "generation": 1,
            "annotations": {"deployment.kubernetes.io/revision": "2"},
        },
        "spec": {
            "replicas": wanted,
            "selector": {"matchLabels": {"app": name}},
            "template": {"spec": {"containers": containers}},
        },
        "status": {
            "observedGeneration": 1,
            "updatedReplicas": wanted,
            "replicas": wanted,
            "availableReplicas": available,
        },
    }


def replica_set(revision: str, owner: str = "api") -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{owner}-{revision}",
            "namespace": "atlas",
            "uid": f"rs-{owner}-{revision}",
            "labels": {"app": owner},
            "annotations": {"deployment.kubernetes.io/revision": revision},
            "ownerReferences": [{"uid": f"d-{owner}", "controller": True}],
        },
    }


def crashing(revision: str, restarts: int, owner: str = "api") -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"{owner}-{revision}-x",
            "namespace": "atlas",
            "uid": f"p-{owner}-{revision}",
            "labels": {"app": owner},
            "ownerReferences": [{"uid": f"rs-{owner}-{revision}", "controller": True}],
        },
        "spec": {"containers": PROBED},
        "status": {
            "phase": "Running",
            "containerStatuses": [
                {
                    "name": "api",
                    "restartCount": restarts,
                    "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                    "lastState": {"terminated": {"exitCode": 1}},
                }
            ],
        },
    }


def config_map() -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "atlas"}}


def after(clock: Clock, seconds: float, before: list[Any], then: list[Any]) -> Callable[[], list[Any]]:
    """Objects that change at a time."""
    start = clock.now
    return lambda: then if clock.now - start >= seconds else before


def test_nothing_to_wait_for(clock: Clock) -> None:
    reader = FakeReader([])
    wait_until_ready(reader, [], 10)
    assert (reader.asked, clock.now) == ([], 1000.0)


def test_all_ready_at_the_first_look_costs_one_list_a_kind(clock: Clock) -> None:
    reader = FakeReader([deployment(1), deployment(1, name="web"), config_map()])
    wait_until_ready(reader, [API, API._replace(name="web"), SETTINGS], 10)
    assert reader.asked == ["Deployment atlas", "ConfigMap atlas metadata.name=settings"]
    assert clock.now == 1000.0


def test_objects_are_listed_by_the_label_that_they_share() -> None:
    labelled = deployment(1)
    labelled["metadata"]["labels"] = {"part-of": "set"}
    reader = FakeReader([labelled, deployment(0, name="foreign")])
    wait_until_ready(reader, [API], 10, label_selector="part-of=set")
    assert reader.asked == ["Deployment atlas part-of=set"]


def test_it_returns_when_the_last_one_is_ready_and_tells_its_progress(clock: Clock) -> None:
    said: list[str] = []
    reader = FakeReader(after(clock, 3, [deployment(0, 2)], [deployment(2, 2)]))
    wait_until_ready(reader, [API, API], 10, progress=said.append)
    assert clock.now == pytest.approx(1003.0)
    assert said == ["0 of 1 objects are ready; Deployment atlas/api: 0 of 2 replicas are available"]


def test_what_cannot_turn_is_not_asked_about_again(clock: Clock) -> None:
    reader = FakeReader(after(clock, 3, [deployment(0), config_map()], [deployment(1), config_map()]))
    wait_until_ready(reader, [API, SETTINGS], 10)
    assert sum(asked.startswith("ConfigMap") for asked in reader.asked) == 1


def test_all_have_to_be_ready_at_the_same_look(clock: Clock) -> None:
    # The first turns bad while the other starts.
    web = API._replace(name="web")
    early, late = [deployment(1), deployment(0, name="web")], [deployment(0), deployment(1, name="web")]
    with pytest.raises(NotReady, match=r"1 of 2 objects are not ready after 8 seconds:\nDeployment atlas/api: 0 of 1"):
        wait_until_ready(FakeReader(after(clock, 4, early, late)), [API, web], 8)


def test_a_process_without_a_probe_has_to_stay_up(clock: Clock) -> None:
    wait_until_ready(FakeReader([deployment(1, probed=False)]), [API], 20)
    assert clock.now == pytest.approx(1005.0)


def test_what_this_run_left_alone_has_been_up(clock: Clock) -> None:
    wait_until_ready(FakeReader([deployment(1, probed=False)]), [API._replace(changed=False)], 20)
    assert clock.now == 1000.0


def test_a_process_that_ends_meanwhile_starts_again(clock: Clock) -> None:
    begun = clock.now

    def flapping() -> list[Any]:
        return [deployment(0 if 2 <= clock.now - begun < 3 else 1, probed=False)]

    wait_until_ready(FakeReader(flapping), [API], 20)
    assert clock.now == pytest.approx(1008.0)


def test_the_time_is_up(clock: Clock) -> None:
    with pytest.raises(NotReady) as caught:
        wait_until_ready(FakeReader([deployment(0)]), [API, SETTINGS], 5)
    assert clock.now == pytest.approx(1005.0)
    assert not caught.value.early
    assert str(caught.value).splitlines() == [
        "2 of 2 objects are not ready after 5 seconds:",
        "ConfigMap atlas/settings: it does not exist",
        "Deployment atlas/api: 0 of 1 replicas are available",
    ]
    assert [item.as_dict()["reason"] for item in caught.value.problems] == ["NotFound", "InProgress"]


def test_a_condition_that_the_user_wants_to_see() -> None:
    with pytest.raises(NotReady, match="it has no condition Synced yet"):
        wait_until_ready(FakeReader([config_map()]), [SETTINGS], 1, [Expectation("ConfigMap", "Synced")])


def test_a_failure_ends_it_early_and_says_what_else_is_not_ready(clock: Clock) -> None:
    web = API._replace(name="web")
    objects = [deployment(0), replica_set("2"), crashing("2", 4), deployment(0, name="web")]
    with pytest.raises(NotReady) as caught:
        wait_until_ready(FakeReader(objects, {"api-2-x/api/true": "boom\n"}), [web, API], 300)
    assert caught.value.early
    assert clock.now < 1005
    assert str(caught.value).splitlines() == [
        "2 of 2 objects cannot become ready:",
        "Deployment atlas/api: it restarts in a loop (4 restarts, last exit code 1) (pod api-2-x, container api)",
        "  last log lines:",
        "    boom",
        "Not ready either at that moment:",
        "Deployment atlas/web: 0 of 1 replicas are available",
    ]
    assert caught.value.problems[0].as_dict() == {
        "kind": "Deployment",
        "namespace": "atlas",
        "name": "api",
        "reason": "CrashLoopBackOff",
        "message": "it restarts in a loop (4 restarts, last exit code 1)",
        "pod": "api-2-x",
        "container": "api",
        "log": ["boom"],
    }


def test_a_pod_of_a_former_revision_ends_nothing() -> None:
    objects = [deployment(0), replica_set("1"), replica_set("2"), crashing("1", 50)]
    with pytest.raises(NotReady) as caught:
        wait_until_ready(FakeReader(objects), [API], 10)
    assert not caught.value.early
    assert "restarts in a loop" not in str(caught.value)


@pytest.mark.parametrize(("changed", "early"), [(None, True), (False, True), (True, False)])
def test_a_change_elsewhere_gives_old_failures_another_chance(changed: bool | None, early: bool) -> None:
    objects = [deployment(0), replica_set("2"), crashing("2", 9)]
    with pytest.raises(NotReady) as caught:
        wait_until_ready(FakeReader(objects), [API._replace(changed=False)], 10, changed=changed)
    assert caught.value.early is early


def test_more_problems_than_a_message_has_room_for() -> None:
    targets = [API._replace(name=f"web-{number:02}") for number in range(20)]
    with pytest.raises(NotReady) as caught:
        wait_until_ready(FakeReader([]), targets, 1)
    lines = str(caught.value).splitlines()
    assert len(lines) == 10
    assert lines[-1].startswith("And Deployment atlas/web-08, ")
    assert lines[-1].endswith(", Deployment atlas/web-15 and 4 more.")
    assert len(caught.value.problems) == 20


def test_many_pods_are_listed_at_once() -> None:
    names = [f"web-{number}" for number in range(9)]
    objects = [deployment(0, name=name) for name in names]
    reader = FakeReader(objects)
    with pytest.raises(NotReady):
        wait_until_ready(reader, [API._replace(name=name) for name in names], 0)
    assert reader.asked == ["Deployment atlas", "ReplicaSet atlas", "Pod atlas", "Event atlas"]


TROUBLES = [
    Unreachable("The API server gives no answer: connection refused."),
    ApiError(429, "TooManyRequests", "later", {}),
    ApiError(500, "InternalError", "etcdserver: leader changed", {}),
    ApiError(503, "ServiceUnavailable", "shutting down", {}),
    ApiError(410, "Expired", "too old", {}),
]


class Troubled(FakeReader):
    """An API server that is in trouble from one moment to another; cut: only after it has answered a part."""

    def __init__(self, clock: Clock, objects: Any, trouble: ClusterError, begin: float, end: float, cut: bool) -> None:
        super().__init__(objects)
        self._when = (clock, clock.now + begin, clock.now + end)
        self._trouble = trouble
        self._cut = cut

    def list(self, *args: Any, **kwargs: Any) -> Iterator[dict[str, Any]]:
        clock, begin, end = self._when
        broken = begin <= clock.now < end
        if broken and not self._cut:
            raise self._trouble
        yield from super().list(*args, **kwargs)
        if broken:
            raise self._trouble


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
def test_trouble_of_the_api_server_does_not_end_it(clock: Clock, trouble: ClusterError, cut: bool) -> None:
    objects = after(clock, 8, [deployment(0)], [deployment(1)])
    wait_until_ready(Troubled(clock, objects, trouble, 2, 7, cut), [API], 20)
    assert clock.now == pytest.approx(1008.0)


def test_trouble_to_the_end_is_told_with_what_was_known(clock: Clock) -> None:
    reader = Troubled(clock, [deployment(0)], TROUBLES[3], 2, 100, cut=False)
    with pytest.raises(NotReady) as caught:
        wait_until_ready(reader, [API], 10)
    assert str(caught.value).splitlines() == [
        "The API server is in trouble (shutting down (503 ServiceUnavailable)). As last seen:"
        " 1 of 1 objects are not ready after 10 seconds:",
        "Deployment atlas/api: 0 of 1 replicas are available",
    ]


def test_a_refusal_is_no_trouble(clock: Clock) -> None:
    reader = Troubled(clock, [], ApiError(403, "Forbidden", "no", {}), 0, 100, cut=False)
    with pytest.raises(ApiError, match="no"):
        wait_until_ready(reader, [API], 10)


class Discreet(FakeReader):
    """A cluster whose user may list Deployments and nothing else."""

    def list(self, *args: Any, **kwargs: Any) -> Iterator[dict[str, Any]]:
        yield from super().list(*args, **kwargs)
        if args[1] != "Deployment":
            raise ApiError(403, "Forbidden", "no", {})


def test_without_the_right_to_read_pods_it_waits_all_the_same(clock: Clock) -> None:
    reader = Discreet(after(clock, 3, [deployment(0)], [deployment(1)]))
    wait_until_ready(reader, [API], 10)
    others = [asked for asked in reader.asked if not asked.startswith("Deployment")]
    assert others == ["ReplicaSet atlas app=api", "Pod atlas app=api"]
