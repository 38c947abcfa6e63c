# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Downloads that are kept between runs."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import Iterator, Mapping


def cache_directory(environment: Mapping[str, str]) -> str:
    """Where downloads are kept: $XDG_CACHE_HOME/bunops, else ~/.cache/bunops."""
    base = Path(environment.get("XDG_CACHE_HOME") or "")
    return str((base if base.is_absolute() else Path.home() / ".cache") / "bunops")


@contextlib.contextmanager
def complete(path: Path) -> Iterator[str]:
    """A scratch directory that becomes the given one at the end, so that what is there is always complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = tempfile.mkdtemp(dir=path.parent)
    try:
        yield scratch
        Path(scratch).chmod(0o755)
        # It fails where another process was faster: then that one's directory stays.
        with contextlib.suppress(OSError):
            Path(scratch).rename(path)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
