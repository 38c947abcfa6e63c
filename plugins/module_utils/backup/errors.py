# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What makes a backup or a restore impossible."""

from __future__ import annotations


class BackupError(Exception):
    """The text is one sentence for people, without a secret."""
