# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The one health check of a service, from which every target makes its own."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, Tag

from .entry import Entry, by_key, field
from .quantities import Duration, DurationField
from .scalars import HttpPath, Text, count


class HealthTiming(Entry):
    """How often and how patiently health is checked."""

    interval: Annotated[
        DurationField,
        field("Time between two checks", compose="`interval`", kubernetes="`periodSeconds`"),
    ] = Duration(10, "10s")
    timeout: Annotated[
        DurationField,
        field("Time after which a check has failed", compose="`timeout`", kubernetes="`timeoutSeconds`"),
    ] = Duration(3, "3s")
    retries: Annotated[
        Annotated[int, count(1, 100)],
        field(
            "Failures in a row that make it unhealthy",
            compose="`retries`",
            kubernetes="`failureThreshold` of readiness; liveness, which restarts, waits for four times as many",
        ),
    ] = 3
    start_period: Annotated[
        DurationField,
        field(
            "Time to start, in which failures do not count",
            compose="`start_period`; meanwhile it is checked twice a second",
            kubernetes="the startup probe, every second, for `retries` times `interval` more, as Docker does",
        ),
    ] = Duration(30, "30s")


class HttpHealth(HealthTiming):
    """Healthy while a GET is answered with a status from 200 to 399."""

    http: Annotated[
        HttpPath,
        field(
            "Path of the request, at the service's port",
            compose="a request made by `bun -e` in the container: only for images built here",
            kubernetes="`httpGet` of all three probes",
            examples=["/health"],
        ),
    ]


class ExecHealth(HealthTiming):
    """Healthy while a command ends with 0."""

    exec: Annotated[
        tuple[Text, ...],
        Field(min_length=1),
        field(
            "Command and its arguments, run in the container without a shell",
            compose="`test: [CMD, …]`",
            kubernetes="`exec` of all three probes",
            examples=[["bun", "health.js"]],
        ),
    ]


Health = Annotated[
    Annotated[HttpHealth, Tag("<http>")] | Annotated[ExecHealth, Tag("<exec>")],
    by_key("http", "exec", expected="{http: /path} or {exec: [command]}"),
]
