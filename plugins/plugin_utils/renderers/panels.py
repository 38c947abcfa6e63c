# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a dashboard shows of a platform, whatever draws it.

First what clients see, then what waits, what the tasks take, and what all of it needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..model.errors import words
from ..model.platform import Platform
from .alerts_burn import bound_seconds
from .alerts_parts import Monitoring, answering, any_of, measured_stores, scaling_limits, told_by

_QUANTILES = (0.5, 0.95, 0.99)


@dataclass(frozen=True)
class Panel:
    """unit: as Grafana calls it. queries: what each line is called, with `{{label}}`, and its query.

    limit: a line across, where it begins to be bad.
    """

    title: str
    unit: str
    queries: Sequence[tuple[str, str]]
    description: str = ""
    limit: float | None = None
    greatest: float | None = None
    stacked: bool = False


@dataclass(frozen=True)
class Row:
    title: str
    panels: list[Panel] = field(default_factory=list)


def rows_of(platform: Platform, monitoring: Monitoring, window: str) -> list[Row]:
    """Those that have a panel. window: over which rates are taken."""
    rows = [
        Row("Requests", [*_requests(platform, monitoring, window)]),
        Row("Queues", [*_queues(platform, monitoring, window)]),
        Row("Tasks", [*_tasks(platform, monitoring, window)]),
        Row("Redis", [*_redis(platform, monitoring)]),
        Row("Programs", [*_programs(platform, monitoring, window)]),
    ]
    return [row for row in rows if row.panels]


def _requests(platform: Platform, monitoring: Monitoring, window: str) -> Iterator[Panel]:
    names = answering(platform)
    if not names:
        return
    of = monitoring.series(any_of(names))
    bad = monitoring.series(f'{any_of(names)},status=~"5.."')
    everything = f"sum by (service) (rate(http_requests_total{of}[{window}]))"
    yield Panel("Requests", "reqps", [("{{service}}", everything)], "Requests answered in a second.")
    # Without a single bad request there is no series of them.
    failed = f"sum by (service) (rate(http_requests_total{bad}[{window}])) or 0 * {everything}"
    yield Panel(
        "Errors",
        "percentunit",
        [("{{service}}", f"({failed}) / {everything}")],
        "The part of the requests that is answered with 5xx. The alerts tell how fast that uses up an error budget.",
    )
    for name in names:
        own = monitoring.series(f'service="{name}"')
        yield Panel(
            f"Latency of {name}",
            "s",
            _quantiles(f"http_request_duration_seconds_bucket{own}", window),
            f"{platform.services[name].objectives.latency.percent:g} % shall take no longer than the line.",
            limit=float(bound_seconds(platform.services[name].objectives.latency.within)),
        )


def _queues(platform: Platform, monitoring: Monitoring, window: str) -> Iterator[Panel]:
    """One queue may scale several services."""
    scaled: dict[tuple[str, str], dict[str, int]] = {}
    for queue, name, limit in scaling_limits(platform):
        scaled.setdefault((queue.store, queue.name), {})[name] = limit
    for (store, queue_name), limits in scaled.items():
        of = monitoring.series(f'store="{store}",queue="{queue_name}"')
        yield Panel(
            f"Jobs in {store}/{queue_name}",
            "short",
            [
                ("{{state}}", f"max by (state) (queue_jobs{of})"),
                ("demand", f"max(queue_demand{of})"),
            ],
            f"By state. The demand is what {words(list(limits))} is scaled by.",
        )
        yield Panel(
            f"Oldest job in {store}/{queue_name}",
            "s",
            [("{{state}}", f"max by (state) (queue_oldest_job_seconds{of})")],
            "How long the oldest job of each state has waited, been due (delayed) or been worked on (active). "
            "The line is the longest that the catalog lets a job wait.",
            limit=float(min(limits.values())),
        )
    for name in (name for limits in scaled.values() for name in limits if platform.services[name].metrics):
        ended = monitoring.series(f'service="{name}"')
        yield Panel(
            f"Deliveries to {name}",
            "ops",
            [("{{result}}", f"sum by (result) (rate(jobs_total{ended}[{window}]))")],
            "Jobs by what came of them, in a second.",
            stacked=True,
        )


def _tasks(platform: Platform, monitoring: Monitoring, window: str) -> Iterator[Panel]:
    for name, service in platform.services.items():
        for task in service.starts if service.metrics else ():
            of = f'service="{name}",task="{task}"'
            yield Panel(
                f"How long {task} of {name} takes",
                "s",
                _quantiles(f"fetch_duration_seconds_bucket{monitoring.series(of)}", window),
                "From the start of its container to its end. The line is its time limit.",
                limit=float(platform.tasks[task].timeout.seconds),
            )
            yield Panel(
                f"Results of {task} of {name}",
                "ops",
                [
                    (
                        "{{result}}",
                        f"sum by (result) (rate(fetch_duration_seconds_count{monitoring.series(of)}[{window}]))",
                    )
                ],
                "In a second.",
                stacked=True,
            )


def _redis(platform: Platform, monitoring: Monitoring) -> Iterator[Panel]:
    for store in measured_stores(platform):
        of = monitoring.series(f'store="{store}"')
        yield Panel(
            f"Memory of {store}",
            "bytes",
            [("used", f"max(redis_memory_used_bytes{of})"), ("all of it", f"max(redis_memory_max_bytes{of})")],
            "When all is used, it refuses new jobs.",
        )
        kinds = {"append-only file": "aof_last_write", "its rewriting": "aof_last_bgrewrite", "dump": "rdb_last_bgsave"}
        yield Panel(
            f"{store} is up and writes",
            "bool_on_off",
            [
                ("up", f"min(redis_up{of})"),
                *((text, f"min(redis_{kind}_status{of})") for text, kind in kinds.items()),
            ],
            "Whether it answers, and whether its last writing to the disk went well.",
            greatest=1,
        )


def _programs(platform: Platform, monitoring: Monitoring, window: str) -> Iterator[Panel]:
    names = told_by(platform)
    if not names:
        return
    up = monitoring.series(any_of(names))
    yield Panel(
        "Replicas",
        "short",
        [("{{service}}", f"sum by (service) (up{up})")],
        "Those that answer Prometheus.",
    )
    # The queue meter tells nothing of itself.
    own = [name for name, service in platform.services.items() if service.metrics]
    if own:
        of = monitoring.series(any_of(own))
        yield Panel(
            "Processors",
            "short",
            [("{{service}}", f"sum by (service) (rate(process_cpu_seconds_total{of}[{window}]))")],
            "How many all replicas together use.",
        )
        yield Panel(
            "Memory",
            "bytes",
            [("{{service}}", f"max by (service) (process_resident_memory_bytes{of})")],
            "Of the replica that has the most.",
        )


def _quantiles(buckets: str, window: str) -> list[tuple[str, str]]:
    return [
        (f"{part * 100:g} %", f"histogram_quantile({part:g}, sum by (le) (rate({buckets}[{window}])))")
        for part in _QUANTILES
    ]
