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
name: manifests_summary
author: bunops contributors (@bunops)
version_added: 0.1.0
short_description: Show what of the platform runs under which address of a cluster, as a table
description:
  - Puts the addresses from the catalog and what M(bunops.platform.k8s_set) did into one table.
extends_documentation_fragment:
  - bunops.platform.catalog
positional: _input, objects
options:
  objects:
    description: The RV(bunops.platform.k8s_set#module:objects) of a run.
    type: list
    elements: dict
    required: true
  namespace:
    description: Namespace of services and stores. Without it, the catalog's C(name).
    type: str
"""

EXAMPLES = r"""
- name: Show what runs where
  ansible.builtin.debug:
    msg: "{{ platform | bunops.platform.manifests_summary(k8s_platform_result.objects) }}"
"""

RETURN = r"""
_value:
  description: The table, one line a service, and one with the address for clients where there is an edge.
  type: str
"""


@catalog_filter
def manifests_summary(platform: Platform, objects: list[dict[str, Any]], *, namespace: str | None = None) -> str:
    """See DOCUMENTATION."""
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests import summary as renderer

    return renderer.manifests_summary(platform, namespace or platform.name, objects)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"manifests_summary": manifests_summary}
