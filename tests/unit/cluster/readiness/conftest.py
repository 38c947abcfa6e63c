# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Shared fixtures."""

from __future__ import annotations

from ansible_collections.bunops.platform.tests.unit.cluster.readiness.support import clock

__all__ = ["clock"]
