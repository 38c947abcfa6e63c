# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The catalog's ranges of replicas as options of queue_scaler."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from ansible_collections.bunops.platform.plugins.plugin_utils.filters import catalog_filter

if TYPE_CHECKING:
    from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform

DOCUMENTATION = r"""
name: scalers
author: bunops contributors (@bunops)
version_added: 0.1.0
short_description: Render the catalog's ranges of replicas as options of queue_scaler
description:
  - Gives the options of M(bunops.platform.queue_scaler) for each service. A service with a range of replicas is scaled
    by the signals that its range names. One with a fixed number gets C(state=absent), so that a range that became a
    number loses its scaler.
  - A queue is measured by the queue meter, which P(bunops.platform.manifests#filter) renders where a queue scales
    something. For an HPA, an adapter has to serve the meter's metric C(queue_demand).
extends_documentation_fragment:
  - bunops.platform.catalog
positional: _input
options:
  namespace:
    description: Namespace of services and stores. Without it, the catalog's C(name).
    type: str
  backend:
    description: What scales; with V(none) nothing does, and all scalers are absent.
    type: str
    choices: [auto, keda, hpa, none]
    default: auto
  prometheus_url:
    description: >-
      URL of the Prometheus that knows the services' requests. KEDA asks it; without it, or with O(backend=hpa),
      requests per second are not acted upon.
    type: str
    default: ""
  requests_query:
    description: >-
      Query that gives the requests per second of all pods of a service; C($namespace) and C($service) stand for their
      names. By default the rate of C(http_requests_total), by its labels C(namespace) and C(pod).
    type: str
seealso:
  - module: bunops.platform.queue_scaler
"""

EXAMPLES = r"""
- name: Show what scales the services
  ansible.builtin.debug:
    msg: "{{ platform | bunops.platform.scalers(prometheus_url='http://prometheus.monitoring:9090') }}"
"""

RETURN = r"""
_value:
  description: Options of M(bunops.platform.queue_scaler), one entry a service, in the catalog's order.
  type: list
  elements: dict
"""


@catalog_filter
def scalers(
    platform: Platform,
    *,
    namespace: str | None = None,
    backend: Literal["auto", "keda", "hpa", "none"] = "auto",
    prometheus_url: str = "",
    requests_query: str | None = None,
) -> list[dict[str, Any]]:
    """See DOCUMENTATION."""
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers import scalers as renderer

    query = requests_query or renderer.REQUESTS_QUERY
    autoscaling = renderer.Autoscaling(backend, prometheus_url, query)
    return renderer.scalers(platform, namespace or platform.name, autoscaling)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"scalers": scalers}
