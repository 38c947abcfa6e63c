# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a queue meter and the metrics APIs answer, through an API server that answers as a real one does."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client, Limits
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.plugins.module_utils.scaler import meter
from ansible_collections.bunops.platform.plugins.module_utils.scaler.observe import serving
from ansible_collections.bunops.platform.plugins.module_utils.scaler.spec import Metric, Queue
from ansible_collections.bunops.platform.plugins.module_utils.scaler.state import Depth, Measured, Serving
from ansible_collections.bunops.platform.tests.unit.cluster.stub_server import Reply, StubServer, server  # noqa: F401

QUEUE = Queue("redis", "fetch")
HERE = "Service atlas/queue-meter, port 8080,"
NO_METER = f"queue: {HERE} is no queue meter; expected JSON with exists and demand"
DEPTH = {"exists": True, "waiting": 3, "active": 1, "paused": False, "oldest_active_seconds": 1.5, "demand": 4}


def status(code: int, reason: str, message: str) -> Reply:
    """A refusal of the API server itself."""
    return Reply(code, {"kind": "Status", "status": "Failure", "reason": reason, "message": message, "code": code})


def asked(server: StubServer, *replies: Reply) -> Depth | str:  # noqa: F811
    server.replies = list(replies)
    with Client.connect(Options(host=server.url), Limits(patience=0.15)) as client:
        return meter.ask(client, "atlas", QUEUE)


def test_a_depth(server: StubServer) -> None:  # noqa: F811
    found = asked(server, Reply(body={**DEPTH, "more": 1}))
    states = {name: value for name, value in DEPTH.items() if name not in ("exists", "demand")}
    assert found == Depth(True, 4, states)
    path = "/api/v1/namespaces/atlas/services/http:queue-meter:8080/proxy/queues/redis/fetch"
    assert server.requests == [f"GET {path}"]


def test_what_was_measured_before_an_outage_is_no_depth(server: StubServer) -> None:  # noqa: F811
    stale = {**DEPTH, "stale_seconds": 15, "reason": "no answer within 1 s"}
    assert asked(server, Reply(body=stale)) == "queue: queue meter: cannot measure redis/fetch: no answer within 1 s"


@pytest.mark.parametrize(
    "body",
    [
        b"<html>hello</html>",
        [],
        {},
        {"exists": 1, "demand": 1},
        {"exists": True, "demand": "1"},
        {"exists": True, "demand": True},
        {"exists": True, "demand": -1},
    ],
)
def test_no_meter(server: StubServer, body: Any) -> None:  # noqa: F811
    assert asked(server, Reply(body=body)) == NO_METER


UNKNOWN = "queue meter: found the queue redis/fetsch, expected one of redis/fetch"
AWAY = "queue meter: cannot measure redis/fetch: connection refused"
FORBIDDEN = 'services "http:queue-meter:8080" is forbidden'
REFUSALS = {
    "unknown": (Reply(404, {"message": UNKNOWN}), f"queue: {UNKNOWN}"),
    "away": (Reply(503, {"message": AWAY}), f"queue: {AWAY}"),
    "quoted": (Reply(404, {"message": 'queue meter: "a\\b"'}), 'queue: queue meter: "a\\b"'),
    "of another program": (Reply(404, {"message": "Not Found"}), f"queue: {HERE} says: Not Found"),
    "no JSON": (Reply(404, b"<h1>404</h1>"), f"queue: {HERE} answers 404; expected a queue meter"),
    "no Service": (
        status(404, "NotFound", 'services "queue-meter" not found'),
        "queue: there is no Service atlas/queue-meter; expected that of a queue meter",
    ),
    "no endpoints": (
        status(503, "ServiceUnavailable", 'no endpoints available for service "http:queue-meter:8080"'),
        f'queue: {HERE} cannot be asked: no endpoints available for service "http:queue-meter:8080"',
    ),
    "forbidden": (status(403, "Forbidden", FORBIDDEN), f"queue: {HERE} cannot be asked: {FORBIDDEN}"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusal(server: StubServer, name: str) -> None:  # noqa: F811
    reply, sentence = REFUSALS[name]
    assert asked(server, *[reply] * 3) == sentence


def test_the_queues_that_a_meter_knows_are_told_even_if_they_are_many(server: StubServer) -> None:  # noqa: F811
    known = ", ".join(f"redis/queue-{number}" for number in range(100))
    found = asked(server, Reply(404, {"message": f"{UNKNOWN[:-11]}{known}"}))
    assert isinstance(found, str)
    assert found.startswith("queue: queue meter: found the queue redis/fetsch, expected one of redis/queue-0, ")
    assert len(found) > 250


METRIC = Metric("jobs", (("queue", "fetch"), ("store", "redis")))


def measured(server: StubServer, reply: Reply) -> Measured:  # noqa: F811
    server.replies = [reply]
    with Client.connect(Options(host=server.url), Limits(patience=0)) as client:
        return meter.measure(client, "atlas", METRIC, "metric")


def test_a_metric_is_the_sum_of_its_series(server: StubServer) -> None:  # noqa: F811
    assert measured(server, Reply(body={"items": [{"value": "12"}, {"value": "1500m"}]})) == Measured(13.5)
    path = "/apis/external.metrics.k8s.io/v1beta1/namespaces/atlas/jobs"
    assert server.requests == [f"GET {path}?labelSelector=queue%3Dfetch%2Cstore%3Dredis"]


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (Reply(body={"items": []}), "metric: external.metrics.k8s.io has no value of jobs"),
        (
            status(404, "NotFound", "the server could not find the metric jobs"),
            "metric: external.metrics.k8s.io refuses jobs: the server could not find the metric jobs",
        ),
        (
            Reply(body={"items": [{"value": "many"}]}),
            "metric: external.metrics.k8s.io cannot be asked for jobs: many is no number",
        ),
    ],
)
def test_no_metric(server: StubServer, reply: Reply, problem: str) -> None:  # noqa: F811
    assert measured(server, reply) == Measured(None, problem)


@pytest.mark.parametrize(
    ("quantity", "number"), [("12", 12.0), ("-1", -1.0), ("2500m", 2.5), ("1k", 1000.0), ("1.5", 1.5)]
)
def test_number(quantity: str, number: float) -> None:
    assert meter.number(quantity) == number


def test_who_serves() -> None:
    assert serving(None) == Serving()
    conditions = [{"type": "Available", "status": "True"}]
    assert serving({"spec": {}, "status": {"conditions": conditions}}) == Serving("the API server itself")
    spec = {"service": {"namespace": "keda", "name": "adapter"}}
    conditions = [{"type": "Available", "status": "False", "message": "no endpoints"}]
    assert serving({"spec": spec, "status": {"conditions": conditions}}) == Serving("keda/adapter", "no endpoints")
    assert serving({"spec": spec}) == Serving("keda/adapter", "it does not say why")
