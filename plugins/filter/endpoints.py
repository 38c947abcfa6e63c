# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Where the running platform can be reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ansible_collections.bunops.platform.plugins.plugin_utils.filters import catalog_filter

if TYPE_CHECKING:
    from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform

DOCUMENTATION = r"""
name: endpoints
author: bunops contributors (@bunops)
version_added: 0.1.0
short_description: List the URLs of the platform's services on this machine
description:
  - Lists every service and local store of the catalog, in the catalog's order, with the URL under which Compose
    publishes it.
extends_documentation_fragment:
  - bunops.platform.catalog
positional: _input
options:
  edge_port:
    description: Port of the edge, where it runs; services with a route are reached by it.
    type: int
"""

EXAMPLES = r"""
- name: Say where the services are
  ansible.builtin.debug:
    msg: "{{ platform | bunops.platform.endpoints }}"
"""

RETURN = r"""
_value:
  description: One entry per service.
  type: list
  elements: dict
  contains:
    service:
      description: Name of the service.
      type: str
      sample: api
    url:
      description: Where it is published; null where it has no port.
      type: str
      sample: http://127.0.0.1:8080
    health:
      description: URL of its health check; null where that is no HTTP request, or the edge leads to the service.
      type: str
      sample: http://127.0.0.1:8080/health
"""


@catalog_filter
def endpoints(platform: Platform, edge_port: int | None = None) -> list[dict[str, Any]]:
    """See DOCUMENTATION."""
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers import (
        endpoints as renderer,
    )

    return [{**endpoint} for endpoint in renderer.endpoints(platform, int(edge_port) if edge_port else None)]


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"endpoints": endpoints}
