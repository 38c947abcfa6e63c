# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Where logs are kept beyond the containers that wrote them."""

from __future__ import annotations

from typing import Annotated

from .entry import Entry, field
from .scalars import EnvName, ImageReference, Port, Url

COLLECTOR_IMAGE = "otel/opentelemetry-collector-contrib:0.161.0"
_OF_THE_CLUSTER = "nothing: a collector on the nodes ships the logs of pods; said by `manifests_notes`"


class LogStore(Entry):
    """A store that takes logs by OTLP over HTTP, as Loki, VictoriaLogs and Elastic do, or another collector."""

    url: Annotated[
        Url,
        field(
            "Its address, to which `/v1/logs` is added",
            compose="where the container log-collector sends to",
            kubernetes=_OF_THE_CLUSTER,
            examples=["https://loki.example.com/otlp"],
        ),
    ]
    authorization: Annotated[
        EnvName | None,
        field(
            "Secret whose value is sent as the header Authorization, scheme included",
            compose="a file in the container log-collector",
            kubernetes=_OF_THE_CLUSTER,
            examples=["LOGS_AUTHORIZATION"],
        ),
    ] = None
    image: Annotated[
        ImageReference,
        field(
            "Image of the OpenTelemetry Collector, with the components of its distribution contrib",
            compose="`image` of the container log-collector",
            kubernetes=_OF_THE_CLUSTER,
        ),
    ] = COLLECTOR_IMAGE
    port: Annotated[
        Port,
        field(
            "Where the engine reaches the collector",
            compose="published on 127.0.0.1, for the engine alone",
            kubernetes=_OF_THE_CLUSTER,
        ),
    ] = 24224
