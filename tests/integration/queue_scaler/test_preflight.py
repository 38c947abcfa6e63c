# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What stands in the way is one clear sentence, and nothing is changed; in check mode it is the same."""

from __future__ import annotations

from typing import Any

from ansible_collections.bunops.platform.tests.integration.queue_scaler.stage import Stage


def problems(stage: Stage, **options: Any) -> list[str]:
    """What both modes say; nothing is another one afterwards."""
    before = stage.everything()
    found, foreseen = stage.failing(**options), stage.failing(check=True, **options)
    assert stage.everything() == before
    assert found["problems"] == foreseen["problems"] == found["msg"].splitlines()
    return [text.replace(stage.name, "atlas") for text in found["problems"]]


def test_all_at_once(stage: Stage) -> None:
    assert problems(stage, queue={"store": "redis", "name": "fetsch"}, min_replicas=3, max_replicas=2) == [
        "max_replicas: 2 is below min_replicas, which is 3; expected 3 or more",
        "target: there is no Deployment atlas/worker",
        "queue: queue meter: found /queues/redis/fetsch, expected one of /queues/redis/fetch",
    ]


def test_a_queue_that_is_not_there(stage: Stage) -> None:
    stage.create(stage.worker(3))
    stage.says(200, {"exists": False, "demand": 0})
    missing = "queue: Redis has nothing of redis/fetch; expected a queue that was used before, or must_exist: false"
    assert problems(stage) == [missing]
    assert stage.ok(queue={"store": "redis", "name": "fetch", "must_exist": False})["changed"]


def test_a_redis_that_is_away(stage: Stage) -> None:
    stage.apply(stage.worker(3))
    stage.says(503, {"message": "queue meter: cannot measure redis/fetch: connection refused"})
    assert problems(stage) == ["queue: queue meter: cannot measure redis/fetch: connection refused"]


def test_a_meter_that_is_not_there(stage: Stage) -> None:
    stage.create(stage.worker(3))
    expected = "queue: there is no Service atlas/meter; expected that of a queue meter"
    assert problems(stage, queue={"store": "redis", "name": "fetch", "service": "meter"}) == [expected]
    spec = {"ports": [{"port": 8080}], "selector": {"app": "none"}}
    stage.create({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "meter"}, "spec": spec})
    (found,) = problems(stage, queue={"store": "redis", "name": "fetch", "service": "meter"})
    assert found.startswith("queue: Service atlas/meter, port 8080, cannot be asked: no endpoints available")


def test_no_cpu_request(stage: Stage) -> None:
    stage.create(stage.worker(3))
    assert problems(stage, cpu_percent=70) == [
        "target: container main of Deployment atlas/worker has no CPU request, of which cpu_percent is a share; "
        "expected resources.requests.cpu"
    ]
    limits = [{"type": "Container", "defaultRequest": {"cpu": "1m"}}]
    stage.create({"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "l"}, "spec": {"limits": limits}})
    assert stage.ok(cpu_percent=70, check=True)["changed"]


def test_an_hpa_made_by_hand(stage: Stage) -> None:
    stage.create(stage.worker(3))
    stage.create(stage.autoscaler("by-hand"))
    taken = "HorizontalPodAutoscaler atlas/by-hand scales Deployment atlas/worker already; expected nobody else"
    assert problems(stage) == [f"target: {taken}"]
    assert problems(stage, queue=None, jobs_per_replica=None, cpu_percent=1)[-1] == f"target: {taken}"


def test_two_scalers_on_one_target(stage: Stage) -> None:
    stage.create(stage.worker(1))
    stage.ok()
    taken = "ScaledObject atlas/worker, the scaler worker's, scales Deployment atlas/worker already"
    assert problems(stage, name="second") == [f"target: {taken}; expected nobody else"]
    stage.settled()
    assert not stage.ok(name="second", state="absent")["changed"]
