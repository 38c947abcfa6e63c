# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Every environment variable of every service and task: where it comes from, what it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypedDict

from ..model.injection import Variable, service_variables, task_variables, tasks_namespace_of
from ..model.platform import Platform
from .compose_text import can_be_overridden

Target = Literal["compose", "kubernetes"]


class Row(TypedDict):
    """One variable of one service or task.

    source: `catalog`, or what in the catalog the platform makes it from.
    default: its value, unless it is overridden.
    overridable: whether .env and .env.local may give it another value, under Compose.
    targets: where it has this value; one that differs between them has a row for each.
    """

    service: str
    name: str
    source: str
    default: str
    overridable: bool
    targets: list[Target]


def environment(platform: Platform) -> list[Row]:
    """Rows in the order of the catalog, each program's variables by name."""
    rows: list[Row] = []
    for name, service in platform.services.items():
        compose = service_variables(platform, name)
        kubernetes = service_variables(platform, name, tasks_namespace_of(platform.name))
        rows += _rows(name, service.env, {"compose": compose, "kubernetes": kubernetes})
    for name, task in platform.tasks.items():
        variables = task_variables(platform, name)
        rows += _rows(name, task.env, {"compose": variables, "kubernetes": variables}, may_be_overridden=False)
    return rows


def _rows(
    program: str,
    own: Mapping[str, str],
    given: Mapping[Target, Mapping[str, Variable]],
    may_be_overridden: bool = True,
) -> list[Row]:
    targets_of: dict[tuple[str, Variable], list[Target]] = {}
    for target, variables in given.items():
        for key, variable in variables.items():
            targets_of.setdefault((key, variable), []).append(target)
    rows = [_row(program, key, variable, targets) for (key, variable), targets in targets_of.items()]
    for key, value in own.items():
        overridable = may_be_overridden and can_be_overridden(key, value)
        rows.append(_row(program, key, Variable(value, "catalog"), list(given), overridable))
    return sorted(rows, key=lambda row: row["name"])


def _row(program: str, name: str, variable: Variable, targets: list[Target], overridable: bool = False) -> Row:
    return {
        "service": program,
        "name": name,
        "source": variable.source,
        "default": variable.value,
        "overridable": overridable,
        "targets": targets,
    }
