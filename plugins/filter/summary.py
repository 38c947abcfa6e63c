# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The table that a run ends with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ansible_collections.bunops.platform.plugins.plugin_utils.filters import catalog_filter

if TYPE_CHECKING:
    from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform

DOCUMENTATION = r"""
name: summary
author: bunops contributors (@bunops)
version_added: 0.1.0
short_description: Show what of the platform runs where, as a table
description:
  - Puts the addresses from the catalog and the states from M(bunops.platform.compose_project) into one table.
extends_documentation_fragment:
  - bunops.platform.catalog
positional: _input, services
options:
  services:
    description: The RV(bunops.platform.compose_project#module:services) of a run.
    type: list
    elements: dict
    required: true
  edge_port:
    description: Port of the edge, where it runs; services with a route are reached by it.
    type: int
  prometheus_port:
    description: Port of Prometheus, where it runs.
    type: int
    default: 9090
  alertmanager_port:
    description: Port of Alertmanager, where it runs.
    type: int
    default: 9093
"""

EXAMPLES = r"""
- name: Show what runs where
  ansible.builtin.debug:
    msg: "{{ platform | bunops.platform.summary(compose_stack_result.services) }}"
"""

RETURN = r"""
_value:
  description: The table, one line a service.
  type: str
"""


@catalog_filter
def summary(
    platform: Platform,
    services: list[dict[str, Any]],
    edge_port: int | None = None,
    prometheus_port: int = 9090,
    alertmanager_port: int = 9093,
) -> str:
    """See DOCUMENTATION."""
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers import summary as renderer

    return renderer.summary(
        platform, services, int(edge_port) if edge_port else None, int(prometheus_port), int(alertmanager_port)
    )


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"summary": summary}
