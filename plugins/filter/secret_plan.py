# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Where the platform's secrets come from and what is made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ansible_collections.bunops.platform.plugins.plugin_utils.filters import catalog_filter

if TYPE_CHECKING:
    from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform

DOCUMENTATION = r"""
name: secret_plan
author: bunops contributors (@bunops)
version_added: 0.1.0
short_description: List the sources of the platform's secrets
description:
  - Gives for each secret of the catalog where its value comes from and which files are derived
    from it. It holds no values.
extends_documentation_fragment:
  - bunops.platform.catalog
positional: _input, project_dir
options:
  project_dir:
    description: Absolute path of the directory that relative paths of files start from.
    type: str
    required: true
  edge:
    description: >-
      Whether the edge runs under Compose. Then the secret C(edge-tls) is among them, with its certificate for the
      catalog's C(edge.host), and C(CLERK_JWT_KEY) is derived as C(jwks) where the edge verifies tokens.
    type: bool
    default: false
  cluster_edge:
    description: >-
      Whether the values go to a cluster with the catalog's edge. Then C(CLERK_JWT_KEY) is derived as C(jwks) where that
      is a Gateway that verifies tokens. External Secrets Operator cannot derive anything.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show the plan
  ansible.builtin.debug:
    msg: "{{ platform | bunops.platform.secret_plan(project_dir='/srv/atlas') }}"
"""

RETURN = r"""
_value:
  description: The option O(bunops.platform.secret_sync#module:secrets), in the order of the names.
  type: list
  elements: dict
  sample:
    - name: REDIS_PASSWORD
      source: {generate: {length: 32}}
      optional: false
      derived: [acl]
"""


@catalog_filter
def secret_plan(
    platform: Platform, project_dir: str, edge: bool = False, cluster_edge: bool = False
) -> list[dict[str, Any]]:
    """See DOCUMENTATION."""
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers import (
        secret_plan as renderer,
    )

    return renderer.secret_plan(platform, project_dir, edge=edge, cluster_edge=cluster_edge)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"secret_plan": secret_plan}
