# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The stores for store_backup."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ansible_collections.bunops.platform.plugins.plugin_utils.filters import catalog_filter

if TYPE_CHECKING:
    from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform

DOCUMENTATION = r"""
name: backup_stores
author: bunops contributors (@bunops)
version_added: 0.1.0
short_description: List the stores that store_backup can back up
description:
  - Lists the stores that Compose runs, with their URLs on this machine, for M(bunops.platform.store_backup).
extends_documentation_fragment:
  - bunops.platform.catalog
positional: _input
options:
  secrets_dir:
    description: Absolute path of the directory that holds a file per secret.
    type: path
    required: true
"""

EXAMPLES = r"""
- name: Back up the platform
  bunops.platform.store_backup:
    name: "{{ platform.name }}"
    directory: /srv/backups
    stores: "{{ platform | bunops.platform.backup_stores(secrets_dir='/srv/atlas/.bunops/secrets') }}"
"""

RETURN = r"""
_value:
  description: One entry per store.
  type: list
  elements: dict
"""


@catalog_filter
def backup_stores(platform: Platform, secrets_dir: str) -> list[dict[str, Any]]:
    """See DOCUMENTATION."""
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers import backups as renderer

    return renderer.backup_stores(platform, secrets_dir)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"backup_stores": backup_stores}
