# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The files of a Prometheus and an Alertmanager that watch the platform."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ansible_collections.bunops.platform.plugins.plugin_utils.filters import catalog_filter

if TYPE_CHECKING:
    from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform

DOCUMENTATION = r"""
name: monitoring
author: bunops contributors (@bunops)
version_added: 0.1.0
short_description: Render the configuration of Prometheus and Alertmanager from the catalog
description:
  - Renders which services Prometheus asks, how often, and the rules of P(bunops.platform.alerts#filter), for a
    Prometheus in the platform's Compose project.
extends_documentation_fragment:
  - bunops.platform.alerts
  - bunops.platform.catalog
positional: _input
options:
  alertmanager:
    description: >-
      Configuration of Alertmanager, which says who is told of alerts. Without it nobody is; its page shows them.
      Secrets do not belong here, but into files that it names.
    type: dict
  prometheus_port:
    description: Port that Prometheus listens on.
    type: int
    default: 9090
  alertmanager_port:
    description: Port that Alertmanager listens on.
    type: int
    default: 9093
"""

EXAMPLES = r"""
- name: Render them
  ansible.builtin.set_fact:
    files: "{{ platform | bunops.platform.monitoring(runbooks='https://runbooks.example.com') }}"
"""

RETURN = r"""
_value:
  description: >-
    Content of C(prometheus.yml), C(rules.yml) and C(alertmanager.yml) by name, and of C(pages/index.html), a dashboard
    that Prometheus serves at C(/user/).
  type: dict
"""


@catalog_filter
def monitoring(
    platform: Platform,
    *,
    runbooks: str,
    sources: Iterable[str] = (),
    namespace: str | None = None,
    alertmanager: dict[str, Any] | None = None,
    prometheus_port: int = 9090,
    alertmanager_port: int = 9093,
) -> dict[str, Any]:
    """See DOCUMENTATION."""
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers import alerts_parts
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers import monitoring as renderer

    return renderer.monitoring_files(
        platform,
        alerts_parts.monitoring_of(platform, runbooks, sources, namespace),
        alertmanager=alertmanager,
        prometheus_port=int(prometheus_port),
        alertmanager_port=int(alertmanager_port),
    )


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"monitoring": monitoring}
