# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The table that a run ends with: what runs where, and how it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..model.platform import Platform
from .endpoints import endpoints
from .names import ALERTMANAGER, PROMETHEUS

HEADER = ("SERVICE", "URL", "HEALTH")


def summary(
    platform: Platform,
    services: Iterable[Mapping[str, Any]],
    edge_port: int | None = None,
    prometheus_port: int = 9090,
    alertmanager_port: int = 9093,
) -> str:
    """One line a running service, those of the catalog first.

    services: as compose_project returns them. edge_port: of the edge, where it runs. The other ports count where these
    run.
    """
    own = {endpoint["service"]: endpoint["url"] or "" for endpoint in endpoints(platform, edge_port)}
    # Debian's Alertmanager has an API alone.
    urls = {
        PROMETHEUS: f"http://127.0.0.1:{prometheus_port}/user/",
        ALERTMANAGER: f"http://127.0.0.1:{alertmanager_port}/api/v2/alerts",
        **own,
    }
    by_name = {service["name"]: service for service in services}
    order = [*own, *sorted(by_name)]
    names = [name for name in dict.fromkeys(order) if name in by_name and by_name[name]["state"] != "absent"]
    rows = [(name, urls.get(name, ""), str(by_name[name]["health"] or by_name[name]["state"])) for name in names]
    return table([HEADER, *rows])


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as lines, their columns aligned."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)
