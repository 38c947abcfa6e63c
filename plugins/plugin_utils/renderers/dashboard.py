# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A dashboard of Grafana for the platform: https://grafana.com/docs/grafana/latest/visualizations/dashboards/

From left to right and from above: what clients see, what waits, what the tasks take, and what all of it needs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..model.errors import words
from ..model.platform import Platform
from .alerts_burn import bound_seconds
from .alerts_parts import Monitoring, answering, any_of, interval_seconds, measured_stores, scaling_limits, told_by

Json = dict[str, Any]

# The datasource is chosen on the page: a dashboard that names one shows nothing elsewhere.
_DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
_QUANTILES = (0.5, 0.95, 0.99)
# Grafana's grid is 24 wide.
_WIDTH, _HEIGHT, _ROW = 24, 8, 3
_SCHEMA = 39
# Grafana takes no longer ones.
_UID_LENGTH = 40
_RATE = "$__rate_interval"


@dataclass(frozen=True)
class _Panel:
    """queries: what each line is called, and its query. limit: a line across, where it begins to be bad."""

    title: str
    unit: str
    queries: Sequence[tuple[str, str]]
    description: str = ""
    limit: float | None = None
    greatest: float | None = None
    stacked: bool = False


@dataclass(frozen=True)
class _Row:
    title: str
    panels: list[_Panel] = field(default_factory=list)


def dashboard(platform: Platform, monitoring: Monitoring) -> Json:
    """As Grafana imports it. Without metrics there is nothing to show, and no row."""
    rows = [
        _Row("Requests", [*_requests(platform, monitoring)]),
        _Row("Queues", [*_queues(platform, monitoring)]),
        _Row("Tasks", [*_tasks(platform, monitoring)]),
        _Row("Redis", [*_redis(platform, monitoring)]),
        _Row("Programs", [*_programs(platform, monitoring)]),
    ]
    return {
        "uid": _uid(platform, monitoring),
        "title": " ".join(dict.fromkeys([platform.name, *monitoring.matchers.values()])),
        "description": f"How {platform.name} is: its requests, queues, tasks, Redis and programs.",
        "tags": ["bunops", platform.name],
        "schemaVersion": _SCHEMA,
        "version": 1,
        "editable": False,
        "timezone": "browser",
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        # Both lines of one moment are seen together.
        "graphTooltip": 1,
        "templating": {"list": [_datasource_variable()]},
        "annotations": {"list": []},
        "links": [],
        "panels": [*_laid_out([row for row in rows if row.panels], interval_seconds(platform))],
    }


def _uid(platform: Platform, monitoring: Monitoring) -> str:
    """The same for the same platform, another one for another that is called the same elsewhere."""
    whole = "-".join([platform.name, *monitoring.matchers.values()])
    digest = hashlib.sha256(whole.encode()).hexdigest()[:8]
    return f"{platform.name[: _UID_LENGTH - 9]}-{digest}"


def _requests(platform: Platform, monitoring: Monitoring) -> Iterator[_Panel]:
    names = answering(platform)
    if not names:
        return
    of = monitoring.series(any_of(names))
    bad = monitoring.series(f'{any_of(names)},status=~"5.."')
    everything = f"sum by (service) (rate(http_requests_total{of}[{_RATE}]))"
    yield _Panel("Requests", "reqps", [("{{service}}", everything)], "Requests answered in a second.")
    # Without a single bad request there is no series of them.
    failed = f"sum by (service) (rate(http_requests_total{bad}[{_RATE}])) or 0 * {everything}"
    yield _Panel(
        "Errors",
        "percentunit",
        [("{{service}}", f"({failed}) / {everything}")],
        "The part of the requests that is answered with 5xx. The alerts tell how fast that uses up an error budget.",
    )
    for name in names:
        own = monitoring.series(f'service="{name}"')
        yield _Panel(
            f"Latency of {name}",
            "s",
            _quantiles(f"http_request_duration_seconds_bucket{own}"),
            f"{platform.services[name].objectives.latency.percent:g} % shall take no longer than the line.",
            limit=float(bound_seconds(platform.services[name].objectives.latency.within)),
        )


def _queues(platform: Platform, monitoring: Monitoring) -> Iterator[_Panel]:
    """One queue may scale several services."""
    scaled: dict[tuple[str, str], dict[str, int]] = {}
    for queue, name, limit in scaling_limits(platform):
        scaled.setdefault((queue.store, queue.name), {})[name] = limit
    for (store, queue_name), limits in scaled.items():
        of = monitoring.series(f'store="{store}",queue="{queue_name}"')
        yield _Panel(
            f"Jobs in {store}/{queue_name}",
            "short",
            [
                ("{{state}}", f"max by (state) (queue_jobs{of})"),
                ("demand", f"max(queue_demand{of})"),
            ],
            f"By state. The demand is what {words(list(limits))} is scaled by.",
        )
        yield _Panel(
            f"Oldest job in {store}/{queue_name}",
            "s",
            [("waiting", f"max(queue_oldest_waiting_seconds{of})")],
            "How long the next job has waited. The line is the longest that the catalog allows.",
            limit=float(min(limits.values())),
        )
    for name in (name for limits in scaled.values() for name in limits if platform.services[name].metrics):
        ended = monitoring.series(f'service="{name}"')
        yield _Panel(
            f"Deliveries to {name}",
            "ops",
            [("{{result}}", f"sum by (result) (rate(jobs_total{ended}[{_RATE}]))")],
            "Jobs by what came of them, in a second.",
            stacked=True,
        )


def _tasks(platform: Platform, monitoring: Monitoring) -> Iterator[_Panel]:
    for name, service in platform.services.items():
        for task in service.starts if service.metrics else ():
            of = f'service="{name}",task="{task}"'
            yield _Panel(
                f"How long {task} of {name} takes",
                "s",
                _quantiles(f"fetch_duration_seconds_bucket{monitoring.series(of)}"),
                "From the start of its container to its end. The line is its time limit.",
                limit=float(platform.tasks[task].timeout.seconds),
            )
            yield _Panel(
                f"Results of {task} of {name}",
                "ops",
                [
                    (
                        "{{result}}",
                        f"sum by (result) (rate(fetch_duration_seconds_count{monitoring.series(of)}[{_RATE}]))",
                    )
                ],
                "In a second.",
                stacked=True,
            )


def _redis(platform: Platform, monitoring: Monitoring) -> Iterator[_Panel]:
    for store in measured_stores(platform):
        of = monitoring.series(f'store="{store}"')
        yield _Panel(
            f"Memory of {store}",
            "bytes",
            [("used", f"max(redis_memory_used_bytes{of})"), ("all of it", f"max(redis_memory_max_bytes{of})")],
            "When all is used, it refuses new jobs.",
        )
        kinds = {"append-only file": "aof_last_write", "its rewriting": "aof_last_bgrewrite", "dump": "rdb_last_bgsave"}
        yield _Panel(
            f"{store} is up and writes",
            "bool_on_off",
            [
                ("up", f"min(redis_up{of})"),
                *((text, f"min(redis_{kind}_status{of})") for text, kind in kinds.items()),
            ],
            "Whether it answers, and whether its last writing to the disk went well.",
            greatest=1,
        )


def _programs(platform: Platform, monitoring: Monitoring) -> Iterator[_Panel]:
    names = told_by(platform)
    if not names:
        return
    up = monitoring.series(any_of(names))
    yield _Panel(
        "Replicas",
        "short",
        [("{{service}}", f"sum by (service) (up{up})")],
        "Those that answer Prometheus.",
    )
    # The queue meter tells nothing of itself.
    own = [name for name, service in platform.services.items() if service.metrics]
    if own:
        of = monitoring.series(any_of(own))
        yield _Panel(
            "Processors",
            "short",
            [("{{service}}", f"sum by (service) (rate(process_cpu_seconds_total{of}[{_RATE}]))")],
            "How many all replicas together use.",
        )
        yield _Panel(
            "Memory",
            "bytes",
            [("{{service}}", f"max by (service) (process_resident_memory_bytes{of})")],
            "Of the replica that has the most.",
        )


def _quantiles(buckets: str) -> list[tuple[str, str]]:
    return [
        (f"{part * 100:g} %", f"histogram_quantile({part:g}, sum by (le) (rate({buckets}[{_RATE}])))")
        for part in _QUANTILES
    ]


def _laid_out(rows: Sequence[_Row], interval: int) -> Iterator[Json]:
    """Each row below the one before, three panels beside each other."""
    number = y = 0
    for row in rows:
        number += 1
        place = {"x": 0, "y": y, "w": _WIDTH, "h": 1}
        yield {"id": number, "type": "row", "title": row.title, "collapsed": False, "gridPos": place, "panels": []}
        y += 1
        for start in range(0, len(row.panels), _ROW):
            line = row.panels[start : start + _ROW]
            width = _WIDTH // len(line)
            for column, panel in enumerate(line):
                number += 1
                place = {"x": column * width, "y": y, "w": width, "h": _HEIGHT}
                yield _drawn(number, place, panel, interval)
            y += _HEIGHT


def _drawn(number: int, place: Json, panel: _Panel, interval: int) -> Json:
    targets = [
        {
            "refId": chr(ord("A") + index),
            "datasource": _DATASOURCE,
            "expr": expr,
            "legendFormat": legend,
            "range": True,
        }
        for index, (legend, expr) in enumerate(panel.queries)
    ]
    return {
        "id": number,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.description,
        "gridPos": place,
        "datasource": _DATASOURCE,
        # No rate over less than two readings.
        "interval": f"{interval}s",
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": {
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
        "targets": targets,
    }


def _defaults(panel: _Panel) -> Json:
    steps: list[Json] = [{"color": "green", "value": None}]
    if panel.limit is not None:
        steps.append({"color": "red", "value": panel.limit})
    custom: Json = {
        "drawStyle": "line",
        "fillOpacity": 10,
        "showPoints": "never",
        "spanNulls": False,
        "stacking": {"mode": "normal" if panel.stacked else "none", "group": "A"},
        "thresholdsStyle": {"mode": "off" if panel.limit is None else "dashed"},
    }
    bounds = {"min": 0} if panel.greatest is None else {"min": 0, "max": panel.greatest}
    return {
        **bounds,
        "unit": panel.unit,
        "color": {"mode": "palette-classic"},
        "custom": custom,
        "thresholds": {"mode": "absolute", "steps": steps},
    }


def _datasource_variable() -> Json:
    return {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus", "hide": 0}
