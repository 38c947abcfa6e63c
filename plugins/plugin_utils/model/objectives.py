# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""How good a service has to be, and where it tells Prometheus how good it is."""

from __future__ import annotations

from typing import Annotated, Literal

from .entry import Entry, field
from .quantities import Duration, DurationField
from .scalars import HttpPath, Percent, Port

_ALERTS = "alerts where `monitoring` is on"
_RULES = "a PrometheusRule, where the cluster serves that kind"

# The bounds of the histogram http_request_duration_seconds: only at a bound it tells exactly.
LatencyBound = Literal["5ms", "10ms", "25ms", "50ms", "100ms", "250ms", "500ms", "1s", "2500ms", "5s", "10s"]


class Metrics(Entry):
    """Where a service tells Prometheus how it is, apart from its own port."""

    port: Annotated[
        Port,
        field(
            "TCP port of its metrics, never published",
            compose="`METRICS_PORT`; Prometheus reaches it in a network of the two, where `monitoring` is on",
            kubernetes="`METRICS_PORT`, and a container port `metrics`, which only the namespace of Prometheus "
            "reaches; a PodMonitor, where the cluster serves that kind",
            examples=[9464],
        ),
    ]
    path: Annotated[
        HttpPath,
        field("Path of its metrics", compose="told to Prometheus", kubernetes="in the PodMonitor"),
    ] = "/metrics"


class Latency(Entry):
    """So many of the answers come within a time."""

    percent: Annotated[Percent, field("Percentage of answers", compose=_ALERTS, kubernetes=_RULES)] = 99.0
    within: Annotated[
        LatencyBound,
        field("come within this time, a bound of `http_request_duration_seconds`", compose=_ALERTS, kubernetes=_RULES),
    ] = "1s"


class Objectives(Entry):
    """What users may expect of a service."""

    availability: Annotated[
        Percent,
        field("Percentage of requests that are not answered with 5xx", compose=_ALERTS, kubernetes=_RULES),
    ] = 99.9
    latency: Annotated[
        Latency,
        field("How soon requests are answered", compose=_ALERTS, kubernetes=_RULES, examples=[{"within": "500ms"}]),
    ] = Latency()
    window: Annotated[
        Literal["7d", "14d", "28d", "30d"],
        field("Time over which availability and latency count", compose=_ALERTS, kubernetes=_RULES),
    ] = "30d"
    oldest_job: Annotated[
        DurationField,
        field(
            "Longest that a job may wait in the queue that scales the service; how often Prometheus looks, and how "
            "soon a queue that does not move is told, follow from it",
            compose=_ALERTS,
            kubernetes=_RULES,
        ),
    ] = Duration(600, "10m")
