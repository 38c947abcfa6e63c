# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Without Tilt the module says what it looked for."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.bunops.platform.tests.integration.run_module import Module


def test_there_is_no_tilt(tmp_path: Path) -> None:
    tiltfile = tmp_path / "Tiltfile"
    tiltfile.write_text("")
    result = Module("tilt_session", PATH=str(tmp_path)).failing(state="ci", tiltfile=str(tiltfile))
    assert f"'tilt' was looked for on the PATH ({tmp_path})" in result["msg"]
    assert "tilt_dev_source" in result["msg"]
    assert not result["changed"]
