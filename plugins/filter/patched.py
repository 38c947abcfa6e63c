# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A mapping with what is different elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.bunops.platform.plugins.plugin_utils.merge_patch import PatchError, patched_mapping
from ansible_collections.bunops.platform.plugins.plugin_utils.model.plain import plain

DOCUMENTATION = r"""
name: patched
author: bunops contributors (@bunops)
version_added: 0.1.0
short_description: Put into a catalog what an environment has otherwise
description:
  - Applies a JSON Merge Patch (RFC 7386), so that an inventory holds only what differs.
  - Mappings are merged key by key. V(null) takes a key out. Everything else, lists too, takes the place of what was
    there.
  - The result is not checked; the filters that read a catalog do that.
positional: _input, patch
options:
  _input:
    description: The mapping to start from, such as the variable C(platform).
    type: dict
    required: true
  patch:
    description: What is different.
    type: dict
    required: true
seealso:
  - plugin: bunops.platform.validated
    plugin_type: filter
"""

EXAMPLES = r"""
# platform_patch:
#   registry: registry.example.com/atlas
#   services: {dashboard: {replicas: 2}}
#   stores: {redis: {external: "rediss://redis.internal:6380", port: null, volume: null}}
- name: Put into the catalog what production has otherwise
  ansible.builtin.set_fact:
    platform: "{{ platform | bunops.platform.patched(platform_patch) }}"
"""

RETURN = r"""
_value:
  description: A new mapping.
  type: dict
"""


def patched(platform: object, patch: object) -> dict[str, object]:
    """See DOCUMENTATION."""
    try:
        return patched_mapping(plain(platform), plain(patch), ("platform", "patch"))
    except PatchError as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"patched": patched}
