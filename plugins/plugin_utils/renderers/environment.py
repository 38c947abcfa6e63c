# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Every environment variable of every service and task: where it comes from, what it is."""

from __future__ import annotations

from typing import TypedDict

from ..model.injection import service_variables, task_variables
from ..model.platform import Platform
from .compose_text import can_be_overridden


class Row(TypedDict):
    """One variable of one service or task.

    source: `catalog`, or what in the catalog the platform makes it from.
    default: its value, unless it is overridden.
    overridable: whether .env and .env.local may give it another value.
    """

    service: str
    name: str
    source: str
    default: str
    overridable: bool


def environment(platform: Platform) -> list[Row]:
    """Rows in the order of the catalog, each program's variables by name."""
    rows: list[Row] = []
    for name, service in platform.services.items():
        own = [_row(name, key, "catalog", value, can_be_overridden(key, value)) for key, value in service.env.items()]
        given = [
            _row(name, key, variable.source, variable.value)
            for key, variable in service_variables(platform, name).items()
        ]
        rows += sorted(own + given, key=lambda row: row["name"])
    for name, task in platform.tasks.items():
        own = [_row(name, key, "catalog", value) for key, value in task.env.items()]
        given = [
            _row(name, key, variable.source, variable.value) for key, variable in task_variables(platform, name).items()
        ]
        rows += sorted(own + given, key=lambda row: row["name"])
    return rows


def _row(service: str, name: str, source: str, default: str, overridable: bool = False) -> Row:
    return {
        "service": service,
        "name": name,
        "source": source,
        "default": default,
        "overridable": overridable,
    }
