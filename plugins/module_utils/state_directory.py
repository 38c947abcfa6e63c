# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Where the collection keeps what it has to remember on a machine."""

from __future__ import annotations

from pathlib import Path
from typing import Mapping


def state_directory(environment: Mapping[str, str]) -> str:
    """$XDG_STATE_HOME/bunops, else ~/.local/state/bunops: https://specifications.freedesktop.org/basedir-spec/latest/"""
    base = Path(environment.get("XDG_STATE_HOME") or "")
    # The specification has relative paths ignored.
    return str((base if base.is_absolute() else Path.home() / ".local" / "state") / "bunops")
