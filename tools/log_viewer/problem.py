# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Why there is no log."""

from __future__ import annotations


class Problem(Exception):
    """The text is one line for people."""
