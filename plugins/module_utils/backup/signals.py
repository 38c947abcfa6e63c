# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Being told to end."""

from __future__ import annotations

import contextlib
import signal
import sys
from typing import Iterator


def end_by_exception() -> None:
    """Who is told to end cleans up first."""
    signal.signal(signal.SIGTERM, lambda number, _unused: sys.exit(128 + number))


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Only afterwards: what the engine makes, it makes also for somebody who does not wait for the answer."""
    former = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)
