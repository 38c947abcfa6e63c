# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The catalog's objectives as rules of Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ansible_collections.bunops.platform.plugins.plugin_utils.filters import catalog_filter

if TYPE_CHECKING:
    from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform

DOCUMENTATION = r"""
name: alerts
author: bunops contributors (@bunops)
version_added: 0.1.0
short_description: Render the objectives of the catalog as alerting rules of Prometheus
description:
  - Renders availability and latency as alerts on the burn rate of their error budgets over several windows, and what
    else a platform is watched for, as groups of rules for C(rule_files), or for the C(spec) of a C(PrometheusRule).
  - Series are told apart by the label C(service), which has to be the service's name in the catalog.
extends_documentation_fragment:
  - bunops.platform.alerts
  - bunops.platform.catalog
positional: _input
options:
  matchers:
    description: >-
      Labels, besides C(service), that tell the platform's series from those of other platforms in the same Prometheus,
      such as V({namespace: atlas}). Alerts have them, too.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Write the rules
  ansible.builtin.copy:
    content: "{{ platform | bunops.platform.alerts(runbooks='https://runbooks.example.com') | to_nice_yaml }}"
    dest: /etc/prometheus/rules/platform.yml
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The groups of rules, in C(groups).
  type: dict
"""


@catalog_filter
def alerts(
    platform: Platform,
    *,
    runbooks: str,
    sources: Iterable[str] = (),
    namespace: str | None = None,
    matchers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """See DOCUMENTATION."""
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers import alerts as renderer
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers import alerts_parts

    return renderer.alerts(platform, alerts_parts.monitoring_of(platform, runbooks, sources, namespace, matchers))


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"alerts": alerts}
