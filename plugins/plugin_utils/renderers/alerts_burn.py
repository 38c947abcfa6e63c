# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Alerts on how fast an error budget is used up, over several windows: https://sre.google/workbook/alerting-on-slos/

A long window tells that it matters, a short one that it still goes on, so that the alert ends soon after its cause.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..model.objectives import LatencyBound, Objectives
from ..model.services import Service
from .alerts_parts import Monitoring, Rule, alert

_HOURS = {"5m": 5 / 60, "30m": 0.5, "1h": 1, "2h": 2, "6h": 6, "1d": 24, "3d": 72}
_REQUESTS, _BUCKETS = "http_requests_total", "http_request_duration_seconds"


@dataclass(frozen=True)
class _Burn:
    """Tells that `budget` of the whole window's budget went within `long`, and still does within `short`."""

    budget: float
    long: str
    short: str

    def rate(self, window_hours: float) -> float:
        """How many times as fast as the budget lasts for."""
        return self.budget * window_hours / _HOURS[self.long]


# The workbook's recommendation: 14.4, 6, 3 and 1 times for 30 days.
_FAST = (_Burn(0.02, "1h", "5m"), _Burn(0.05, "6h", "30m"))
_SLOW = (_Burn(0.1, "1d", "2h"), _Burn(0.1, "3d", "6h"))


@dataclass(frozen=True)
class _Indicator:
    """record: name of the series with the part of bad requests; good: percentage; bad: its query over a window."""

    alert: str
    record: str
    good: float
    bad: str
    what: str

    @property
    def budget(self) -> float:
        return round(1 - self.good / 100, 10)


def burn_rules(name: str, service: Service, monitoring: Monitoring) -> Iterator[Rule]:
    """The recorded error ratios of a service with requests, and the alerts on them."""
    hours = float(service.objectives.window.removesuffix("d")) * 24
    recorded = monitoring.series(f'service="{name}"')
    for indicator in _indicators(name, service.objectives, monitoring):
        for window in _HOURS:
            expr = indicator.bad.replace("WINDOW", window)
            yield {
                "record": f"{indicator.record}{window}",
                "expr": expr,
                "labels": {"service": name, **monitoring.matchers},
            }
        yield _alert(name, recorded, indicator, "BurnsFast", "page", _FAST, hours, service.objectives.window)
        yield _alert(name, recorded, indicator, "BurnsSlowly", "ticket", _SLOW, hours, service.objectives.window)


def _alert(
    name: str,
    recorded: str,
    indicator: _Indicator,
    ending: str,
    severity: str,
    burns: tuple[_Burn, ...],
    hours: float,
    window: str,
) -> Rule:
    def above(span: str, burn: _Burn) -> str:
        limit = f"{burn.rate(hours) * indicator.budget:.10g}"
        return f"{indicator.record}{span}{recorded} > {limit}"

    parts = [f"({above(burn.long, burn)} and {above(burn.short, burn)})" for burn in burns]
    return alert(
        indicator.alert + ending,
        " or ".join(parts),
        severity=severity,
        summary=f"{name} uses up its error budget {'fast' if severity == 'page' else 'slowly'}",
        description=f"{{{{ $value | humanizePercentage }}}} of the requests {indicator.what}; "
        f"{indicator.good:g} % within {window} shall not.",
        labels={"service": name},
    )


def _indicators(name: str, objectives: Objectives, monitoring: Monitoring) -> Iterator[_Indicator]:
    of = f'service="{name}"'
    bad, everything = (_sum(_REQUESTS, monitoring.series(f"{of}{more}")) for more in (',status=~"5.."', ""))
    yield _Indicator(
        "AvailabilityBudget",
        "service:http_requests:error_ratio_rate",
        objectives.availability,
        # Without a single bad request there is no series of them.
        f"({bad} or 0 * {everything}) / {everything}",
        "are answered with 5xx",
    )
    latency = objectives.latency
    in_time = _sum(f"{_BUCKETS}_bucket", monitoring.series(f'{of},le="{bound_seconds(latency.within)}"'))
    answered = _sum(f"{_BUCKETS}_count", monitoring.series(of))
    yield _Indicator(
        "LatencyBudget",
        "service:http_requests:slow_ratio_rate",
        latency.percent,
        f"1 - {in_time} / {answered}",
        f"take longer than {latency.within}",
    )


def _sum(metric: str, selector: str) -> str:
    return f"sum(rate({metric}{selector}[WINDOW]))"


def bound_seconds(bound: LatencyBound) -> str:
    """As the programs write the bound of a bucket."""
    if bound.endswith("ms"):
        return f"{int(bound.removesuffix('ms')) / 1000:g}"
    return bound.removesuffix("s")
