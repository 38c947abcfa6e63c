# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What makes a backup or a restore impossible."""

from __future__ import annotations


class BackupError(Exception):
    """The text is one sentence for people, without a secret."""


class LibraryMissing(BackupError):
    """A Python library is not installed; trace holds the failed import."""

    def __init__(self, library: str, trace: str) -> None:
        super().__init__("The Python library %r is not installed." % library)
        self.library = library
        self.trace = trace
