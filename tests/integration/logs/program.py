# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The program under test."""

from __future__ import annotations

from pathlib import Path

PROGRAM = str(Path(__file__).resolve().parents[3] / "tools/logs")
# Seconds that one call may take.
LIMIT = 60
