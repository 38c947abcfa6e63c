# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The key of an installation."""

from __future__ import annotations

import stat
from pathlib import Path

from ansible_collections.bunops.platform.plugins.module_utils.secrets.key import installation_key


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "state" / "secrets.key"
    installation_key(str(path), keep=False)
    assert not path.exists()
    first = installation_key(str(path), keep=True)
    assert (len(first), installation_key(str(path), keep=True)) == (32, first)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
