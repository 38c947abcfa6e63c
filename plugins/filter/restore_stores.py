# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The stores for store_restore."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ansible_collections.bunops.platform.plugins.plugin_utils.filters import catalog_filter

if TYPE_CHECKING:
    from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform

DOCUMENTATION = r"""
name: restore_stores
author: bunops contributors (@bunops)
version_added: 0.1.0
short_description: List the stores that store_restore can restore
description:
  - Lists the stores that Compose runs, with their volumes, for M(bunops.platform.store_restore).
extends_documentation_fragment:
  - bunops.platform.catalog
positional: _input
"""

EXAMPLES = r"""
- name: Restore the platform
  bunops.platform.store_restore:
    name: "{{ platform.name }}"
    directory: /srv/backups
    stores: "{{ platform | bunops.platform.restore_stores }}"
"""

RETURN = r"""
_value:
  description: One entry per store.
  type: list
  elements: dict
"""


@catalog_filter
def restore_stores(platform: Platform) -> list[dict[str, Any]]:
    """See DOCUMENTATION."""
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers import backups as renderer

    return renderer.restore_stores(platform)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"restore_stores": restore_stores}
