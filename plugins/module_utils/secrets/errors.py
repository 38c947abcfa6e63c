# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with secrets. A message never holds a value."""

from __future__ import annotations


class SecretError(Exception):
    """Something is wrong with a secret, a source or a target; the message has one line for each problem."""


class RolloutError(SecretError):
    """What uses a secret did not become healthy with its new version; the message names who, and why."""
