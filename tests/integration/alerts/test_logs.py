# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Prometheus and Alertmanager, run with the rendered commands, write JSON and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.monitoring import Watch, with_monitoring
from ansible_collections.bunops.platform.tests.integration.alerts.conftest import NAMES
from ansible_collections.bunops.platform.tests.unit.renderers.cases import platform_of


@pytest.mark.parametrize("name", NAMES)
def test_lines(engine: Any, images: dict[str, str], name: str) -> None:
    command = list(with_monitoring(platform_of("minimal"), Watch("/none", {})).services[name].command or ())
    # Without their files they end at once, and say why.
    container = engine.containers.run(
        images[name], command, detach=True, network_mode="none", tmpfs={"/data": "mode=1777"}
    )
    try:
        assert container.wait(timeout=30)["StatusCode"] != 0
        lines = [json.loads(line) for line in container.logs().splitlines()]
    finally:
        container.remove(force=True)
    assert {"level", "msg", "ts"} <= lines[0].keys()
    assert [line["err"] for line in lines if line["level"] == "error"] != []
