# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What the catalog says and Compose does not act on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ansible_collections.bunops.platform.plugins.plugin_utils.filters import catalog_filter

if TYPE_CHECKING:
    from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform

DOCUMENTATION = r"""
name: compose_notes
author: bunops contributors (@bunops)
version_added: 0.1.0
short_description: Say which fields of the catalog Compose does not act on
description:
  - Gives one sentence per field that a Compose project cannot honour, such as replicas, routes
    and the sizes of volumes, with the reason and the names that it concerns.
extends_documentation_fragment:
  - bunops.platform.catalog
positional: _input
options:
  edge:
    description: Whether the edge runs, with what P(bunops.platform.edge#filter) renders.
    type: bool
    default: false
seealso:
  - plugin: bunops.platform.compose
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Say what does not act here
  ansible.builtin.debug:
    msg: "{{ platform | bunops.platform.compose_notes }}"
"""

RETURN = r"""
_value:
  description: Sentences, each beginning with the name of the field.
  type: list
  elements: str
"""


@catalog_filter
def compose_notes(platform: Platform, *, edge: bool = False) -> list[str]:
    """See DOCUMENTATION."""
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers import (
        compose_notes as renderer,
    )

    return renderer.compose_notes(platform, edge=edge)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"compose_notes": compose_notes}
