# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The dashboard's page around what is of the platform, which the golden files show."""

from __future__ import annotations

from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.alerts_parts import Monitoring
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.pages import content, page
from ansible_collections.bunops.platform.tests.unit.renderers.cases import RUNBOOKS, platform_of


def test_a_page_has_its_panels_before_the_program_that_draws_them() -> None:
    platform, monitoring = platform_of("reference"), Monitoring(RUNBOOKS)
    head, drawn, tail = page(platform, monitoring).partition(content(platform, monitoring))
    assert head.startswith("<!doctype html>\n") and "<title>atlas</title>" in head
    assert 'id="panel-0"' in drawn and "var PANELS = [" in drawn
    assert "PANELS.forEach(" in tail and tail.endswith("</html>\n")
