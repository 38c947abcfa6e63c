# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Where state is kept."""

from __future__ import annotations

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.state_directory import state_directory


def test_the_directory_follows_the_xdg_specification(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    assert state_directory({"XDG_STATE_HOME": "/s"}) == "/s/bunops"
    assert state_directory({"XDG_STATE_HOME": "relative"}) == "/home/ann/.local/state/bunops"
    assert state_directory({}) == "/home/ann/.local/state/bunops"
