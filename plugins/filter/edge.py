# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The files of an Envoy in front of the platform."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ansible_collections.bunops.platform.plugins.plugin_utils.filters import catalog_filter

if TYPE_CHECKING:
    from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform

DOCUMENTATION = r"""
name: edge
author: bunops contributors (@bunops)
version_added: 0.1.0
short_description: Render the configuration of Envoy from the catalog
description:
  - Renders the catalog's C(edge) and the C(route) of each service as the static configuration of an Envoy in the
    platform's Compose project, with its limits, timeouts and headers.
  - It fails where the catalog has no C(edge), or no service has a route.
extends_documentation_fragment:
  - bunops.platform.catalog
positional: _input
options:
  https_port:
    description: Port that clients reach it by.
    type: int
    default: 8443
  http_port:
    description: Port that leads to the other one.
    type: int
    default: 8480
  empty_secrets:
    description: >-
      Names of secrets that have no value, as RV(bunops.platform.secret_sync#module:empty) tells. Under a loopback name
      the edge leaves it to a service without Clerk's key who may come in.
    type: list
    elements: str
    default: []
  metrics:
    description: Whether a Prometheus of the same project reads what it tells of itself, at a port of its own.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Render it
  ansible.builtin.set_fact:
    files: "{{ platform | bunops.platform.edge(empty_secrets=secrets.empty) }}"
"""

RETURN = r"""
_value:
  description: Content of C(envoy.json) by that name.
  type: dict
"""


@catalog_filter
def edge(
    platform: Platform,
    *,
    https_port: int = 8443,
    http_port: int = 8480,
    empty_secrets: Sequence[str] = (),
    metrics: bool = False,
) -> dict[str, dict[str, Any]]:
    """See DOCUMENTATION."""
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.edge import service

    return service.edge_files(platform, int(https_port), int(http_port), empty_secrets, metrics=metrics)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"edge": edge}
