# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What alerts are made of: https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from ..model.platform import Platform
from ..model.scaling import Queue, Scaling
from .meter import has_meter
from .names import METER

Rule = dict[str, Any]
# What may bring metrics that the platform's own programs do not have.
Source = Literal["backups", "cert_manager", "edge", "external_secrets", "kube_state_metrics"]
SOURCES: tuple[Source, ...] = get_args(Source)
# How often Prometheus looks: at most, and where nothing has to be told sooner.
_LEAST_INTERVAL, _INTERVAL = 1, 15
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_PLAIN_VALUE = re.compile(r'[^"\\\n]*')


@dataclass(frozen=True)
class Monitoring:
    """What alerts have to know of where they run.

    runbooks: URL of the folder with a page per alert.
    namespace: on Kubernetes, where the platform is.
    matchers: labels that tell the platform's series from those of others in the same Prometheus.
    """

    runbooks: str
    sources: frozenset[Source] = frozenset()
    namespace: str = ""
    matchers: Mapping[str, str] = field(default_factory=dict)

    def series(self, selector: str) -> str:
        """A selector of series of the platform, in braces."""
        more = [f'{name}="{value}"' for name, value in sorted(self.matchers.items())]
        return f"{{{','.join([selector, *more])}}}"


def monitoring_of(
    platform: Platform,
    runbooks: str,
    sources: Iterable[str],
    namespace: str | None,
    matchers: Mapping[str, str] | None = None,
) -> Monitoring:
    """From a filter's options. Raises ValueError."""
    named = set(sources)
    known = {source for source in SOURCES if source in named}
    unknown = sorted(named - known)
    if unknown:
        raise ValueError(f"sources: {', '.join(unknown)} is not among {', '.join(SOURCES)}")
    for name, value in (matchers or {}).items():
        if not _LABEL.fullmatch(name) or not _PLAIN_VALUE.fullmatch(value):
            raise ValueError(f"matchers: {name}={value!r} is no label with a plain value, such as namespace=atlas")
    return Monitoring(runbooks, frozenset(known), namespace or platform.name, dict(matchers or {}))


def told_by(platform: Platform) -> list[str]:
    """The services that have metrics, with the queue meter."""
    own = [name for name, service in platform.services.items() if service.metrics]
    return [*own, *([METER] if has_meter(platform) else [])]


def answering(platform: Platform) -> list[str]:
    """The services that count the requests that they answer."""
    return [name for name, service in platform.services.items() if service.metrics and service.port]


def scaling_limits(platform: Platform) -> list[tuple[Queue, str, int]]:
    """Each queue that scales something, who that is, and how many seconds a job may wait in it."""
    return [
        (service.replicas.queue, name, service.objectives.oldest_job.seconds)
        for name, service in platform.services.items()
        if isinstance(service.replicas, Scaling) and service.replicas.queue
    ]


def measured_stores(platform: Platform) -> list[str]:
    """The stores that the queue meter knows."""
    return sorted({queue.store for queue, _name, _limit in scaling_limits(platform)})


def any_of(services: Iterable[str]) -> str:
    """A matcher of the label `service`."""
    return f'service=~"{"|".join(services)}"'


def interval_seconds(platform: Platform) -> int:
    """How often metrics are read and rules looked at: four times within the shortest time that a job may wait."""
    shortest = min((limit for _queue, _name, limit in scaling_limits(platform)), default=_INTERVAL * 4)
    return max(_LEAST_INTERVAL, min(_INTERVAL, shortest // 4))


def alert(
    name: str,
    expr: str,
    *,
    severity: str,
    summary: str,
    description: str,
    seconds: int = 0,
    labels: Mapping[str, str] | None = None,
) -> Rule:
    """seconds: how long it has to hold."""
    rule: Rule = {
        "alert": name,
        "expr": expr,
        "labels": {"severity": severity, **(labels or {})},
        "annotations": {"summary": summary, "description": description},
    }
    return rule | ({"for": f"{seconds}s"} if seconds else {})
