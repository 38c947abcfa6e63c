# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Every environment variable of the platform's programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ansible_collections.bunops.platform.plugins.plugin_utils.filters import catalog_filter

if TYPE_CHECKING:
    from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform

DOCUMENTATION = r"""
name: environment
author: bunops contributors (@bunops)
version_added: 0.1.0
short_description: List every environment variable of services and tasks
description:
  - Lists the variables that the catalog gives under C(env) and those that the platform makes of
    ports, used services and stores, secrets and tasks.
extends_documentation_fragment:
  - bunops.platform.catalog
positional: _input
"""

EXAMPLES = r"""
- name: Show what the API gets
  ansible.builtin.debug:
    msg: "{{ platform | bunops.platform.environment | selectattr('service', 'eq', 'api') }}"
"""

RETURN = r"""
_value:
  description: One entry per variable of a service or task.
  type: list
  elements: dict
  contains:
    service:
      description: Name of the service or task.
      type: str
      sample: api
    name:
      description: Name of the variable.
      type: str
      sample: REDIS_URL
    source:
      description: V(catalog), or what in the catalog it is made from.
      type: str
      sample: uses redis
    default:
      description: Its value, unless it is overridden.
      type: str
      sample: redis://redis:6379
    overridable:
      description: Whether C(.env) and C(.env.local) may give it another value, under Compose.
      type: bool
      sample: false
    targets:
      description: Where it has this value, V(compose) or V(kubernetes). One that differs has an entry for each.
      type: list
      elements: str
      sample: [compose, kubernetes]
"""


@catalog_filter
def environment(platform: Platform) -> list[dict[str, Any]]:
    """See DOCUMENTATION."""
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers import (
        environment as renderer,
    )

    return [{**row} for row in renderer.environment(platform)]


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"environment": environment}
