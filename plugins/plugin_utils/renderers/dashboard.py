# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A dashboard of Grafana for the platform: https://grafana.com/docs/grafana/latest/visualizations/dashboards/"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from ..model.platform import Platform
from .alerts_parts import Monitoring, interval_seconds
from .panels import Panel, Row, rows_of

Json = dict[str, Any]

# The datasource is chosen on the page: a dashboard that names one shows nothing elsewhere.
_DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
# Grafana's grid is 24 wide.
_WIDTH, _HEIGHT, _ROW = 24, 8, 3
_SCHEMA = 39
# Grafana takes no longer ones.
_UID_LENGTH = 40
_RATE = "$__rate_interval"


def dashboard(platform: Platform, monitoring: Monitoring) -> Json:
    """As Grafana imports it. Without metrics there is nothing to show, and no row."""
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
        "panels": [*_laid_out(rows_of(platform, monitoring, _RATE), interval_seconds(platform))],
    }


def _uid(platform: Platform, monitoring: Monitoring) -> str:
    """The same for the same platform, another one for another that is called the same elsewhere."""
    whole = "-".join([platform.name, *monitoring.matchers.values()])
    digest = hashlib.sha256(whole.encode()).hexdigest()[:8]
    return f"{platform.name[: _UID_LENGTH - 9]}-{digest}"


def _laid_out(rows: Sequence[Row], interval: int) -> Iterator[Json]:
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


def _drawn(number: int, place: Json, panel: Panel, interval: int) -> Json:
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


def _defaults(panel: Panel) -> Json:
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
