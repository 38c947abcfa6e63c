# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Waits for conditions."""

from __future__ import annotations

import time
from collections.abc import Callable

LIMIT = 30.0


def eventually(condition: Callable[[], bool], what: str, limit: float = LIMIT) -> None:
    """Return when the condition holds; fail after ``limit`` seconds."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, f"not within {limit} s: {what}"
        time.sleep(0.05)
