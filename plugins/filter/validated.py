# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The catalog, checked and complete."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ansible_collections.bunops.platform.plugins.plugin_utils.filters import catalog_filter

if TYPE_CHECKING:
    from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform

DOCUMENTATION = r"""
name: validated
author: bunops contributors (@bunops)
version_added: 0.1.0
short_description: Check the platform's catalog and write out its defaults
description:
  - Checks the catalog as a whole and gives it back with every default written out.
  - A catalog that is not right is refused with all of its problems, one line each, with the path,
    what was found and what is expected.
extends_documentation_fragment:
  - bunops.platform.catalog
positional: _input
"""

EXAMPLES = r"""
- name: Check the catalog before anything is touched
  ansible.builtin.set_fact:
    catalog: "{{ platform | bunops.platform.validated }}"

# A refused catalog ends the task with a message such as
#   the catalog has 2 problems:
#     platform.services.api.port: 80800 is not a port, 1 to 65535
#     platform.services.api.uses: redi is not a service or store; did you mean redis?
"""

RETURN = r"""
_value:
  description: The catalog with all defaults. Its fields are described in docs/catalog.md.
  type: dict
"""


@catalog_filter
def validated(platform: Platform) -> dict[str, Any]:
    """See DOCUMENTATION."""
    return platform.normalised()


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"validated": validated}
