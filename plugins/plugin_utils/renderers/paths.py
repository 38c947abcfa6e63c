# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Paths as text, of a machine that may be another one."""

from __future__ import annotations

import posixpath


def inside(directory: str, path: str) -> str:
    """A path from a directory on, normalised; relative if the directory is."""
    return posixpath.normpath(posixpath.join(directory, path))
