# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Files that a reader, or a run that is killed, finds whole: the old ones or the new ones."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write(path: str, data: bytes, mode: int = 0o600) -> None:
    """Put the file in place in one step; its directory has to be there. Raises OSError, and leaves nothing then."""
    target = Path(path)
    descriptor, temporary = tempfile.mkstemp(prefix=".new-", dir=str(target.parent))
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink()
        raise
