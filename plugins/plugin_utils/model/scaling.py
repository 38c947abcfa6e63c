# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""How many containers of a service there are, and what decides it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Tag

from .entry import Entry, by_shape, field
from .scalars import Name, Word, count

_NOT_IN_COMPOSE = "nothing: it runs one container; said by `compose_notes`"
_SCALER = "an option of `queue_scaler`"
_METER = "told to the queue meter, which the scaler asks"
Replica = Annotated[int, count(0, 1000, "a number of replicas")]


class Queue(Entry):
    """Scaling on the jobs that wait in a queue."""

    store: Annotated[
        Name,
        field(
            "Redis store that holds the queue",
            compose="nothing",
            kubernetes="the queue meter may call it, as the user `observer` if there is `<STORE>_OBSERVER_PASSWORD`",
            examples=["redis"],
        ),
    ]
    name: Annotated[
        Word,
        field("Name of the queue", compose="nothing", kubernetes=_METER, examples=["fetch"]),
    ]
    type: Annotated[
        Literal["bullmq"],
        field("What keeps the queue", compose="nothing", kubernetes=_METER),
    ] = "bullmq"
    jobs_per_replica: Annotated[
        Annotated[int, count(1, 1_000_000)],
        field("Jobs that one replica is there for", compose="nothing", kubernetes=_SCALER),
    ] = 10


class Scaling(Entry):
    """A range of replicas, and the signals that choose within it."""

    min: Annotated[
        Replica,
        field(
            "Fewest replicas; 0 needs a queue",
            compose=_NOT_IN_COMPOSE,
            kubernetes="`replicas`, where `max` is the same; else the scaler's",
        ),
    ] = 1
    max: Annotated[
        Annotated[int, count(1, 1000, "a number of replicas")],
        field(
            "Most replicas",
            compose=_NOT_IN_COMPOSE,
            kubernetes="the scaler's, and room for the tasks of all of them in the ResourceQuota",
            examples=[10],
        ),
    ]
    cpu_percent: Annotated[
        Annotated[int, count(1, 100, "a percentage")] | None,
        field(
            "Use of its CPU to aim at",
            compose=_NOT_IN_COMPOSE,
            kubernetes=f"{_SCALER}; of what it requests, which is a quarter of its limit",
        ),
    ] = None
    requests_per_second: Annotated[
        Annotated[int, count(1, 1_000_000)] | None,
        field(
            "Requests per second and replica to aim at",
            compose=_NOT_IN_COMPOSE,
            kubernetes=f"{_SCALER}, with `k8s_platform_prometheus_url`; without, said by `manifests_notes`",
        ),
    ] = None
    queue: Annotated[
        Queue | None,
        field("Queue whose depth decides", compose=_NOT_IN_COMPOSE, kubernetes="a queue meter, which the scaler asks"),
    ] = None


Replicas = Annotated[
    Annotated[Replica, Tag("<number>")] | Annotated[Scaling, Tag("<range>")],
    by_shape(
        expected="a number of replicas, or a mapping with min and max",
        number=(int,),
        range=(dict, Scaling),
    ),
]
