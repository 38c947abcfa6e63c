# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The key of this installation, with which values are told apart without telling them."""

from __future__ import annotations

import secrets
from pathlib import Path

from ansible_collections.bunops.platform.plugins.module_utils import atomic_file

_BYTES = 32


def installation_key(path: str, keep: bool) -> bytes:
    """The key in a file; where there is none a new one, which is kept there if ``keep``. Raises OSError."""
    file = Path(path)
    try:
        found = file.read_bytes()
    except FileNotFoundError:
        found = b""
    if len(found) == _BYTES:
        return found
    made = secrets.token_bytes(_BYTES)
    if keep:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        atomic_file.write(path, made)
    return made
