# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The stores for store_backup."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleFilterError

from ansible_collections.bunops.platform.plugins.plugin_utils.filters import catalog_filter

if TYPE_CHECKING:
    from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform

DOCUMENTATION = r"""
name: backup_stores
author: bunops contributors (@bunops)
version_added: 0.1.0
short_description: List the stores that store_backup can back up
description:
  - Lists the stores for M(bunops.platform.store_backup). With O(secrets_dir) they are those that Compose runs, with
    their URLs on this machine; with O(secret_set) those that Kubernetes runs, with their Services. One of the two is
    needed.
extends_documentation_fragment:
  - bunops.platform.catalog
positional: _input
options:
  secrets_dir:
    description: Absolute path of the directory that holds a file per secret.
    type: path
  secret_set:
    description: Name of the set of secrets in the stores' namespace, as M(bunops.platform.secret_sync) keeps it.
    type: str
"""

EXAMPLES = r"""
- name: Back up the platform
  bunops.platform.store_backup:
    name: "{{ platform.name }}"
    directory: /srv/backups
    stores: "{{ platform | bunops.platform.backup_stores(secrets_dir='/srv/atlas/.bunops/secrets') }}"

- name: Back up the platform in a cluster
  bunops.platform.store_backup:
    name: "{{ platform.name }}"
    directory: /srv/backups
    namespace: "{{ platform.name }}"
    stores: "{{ platform | bunops.platform.backup_stores(secret_set=platform.name) }}"
"""

RETURN = r"""
_value:
  description: One entry per store.
  type: list
  elements: dict
"""


@catalog_filter
def backup_stores(
    platform: Platform, secrets_dir: str | None = None, secret_set: str | None = None
) -> list[dict[str, Any]]:
    """See DOCUMENTATION."""
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers import backups as renderer

    if secret_set is not None and secrets_dir is None:
        return renderer.cluster_backup_stores(platform, secret_set)
    if secrets_dir is not None and secret_set is None:
        return renderer.backup_stores(platform, secrets_dir)
    raise AnsibleFilterError("backup_stores: expected either secrets_dir or secret_set")


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"backup_stores": backup_stores}
