# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with measuring queues; every text is for people, and none holds a secret."""

from __future__ import annotations


class QueueError(Exception):
    """Queues cannot be measured as it is wanted; the message has one line for each problem."""
