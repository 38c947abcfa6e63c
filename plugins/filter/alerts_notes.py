# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Which alerts are left out, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ansible_collections.bunops.platform.plugins.plugin_utils.filters import catalog_filter

if TYPE_CHECKING:
    from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform

DOCUMENTATION = r"""
name: alerts_notes
author: bunops contributors (@bunops)
version_added: 0.1.0
short_description: Say which alerts are left out because nothing tells what they watch
description:
  - Gives one sentence per alert, or few that belong together, that P(bunops.platform.alerts#filter) leaves out, with
    what would have to tell its metrics.
extends_documentation_fragment:
  - bunops.platform.alerts
  - bunops.platform.catalog
positional: _input
"""

EXAMPLES = r"""
- name: Say what is not watched here
  ansible.builtin.debug:
    msg: "{{ platform | bunops.platform.alerts_notes(runbooks='https://runbooks.example.com') }}"
"""

RETURN = r"""
_value:
  description: Sentences, each beginning with the names of alerts.
  type: list
  elements: str
"""


@catalog_filter
def alerts_notes(
    platform: Platform,
    *,
    runbooks: str,
    sources: Iterable[str] = (),
    namespace: str | None = None,
) -> list[str]:
    """See DOCUMENTATION."""
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers import alerts_notes as renderer
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers import alerts_parts

    return renderer.alerts_notes(platform, alerts_parts.monitoring_of(platform, runbooks, sources, namespace))


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"alerts_notes": alerts_notes}
