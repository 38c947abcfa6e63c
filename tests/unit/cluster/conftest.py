# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the tests about clusters."""

from __future__ import annotations

from ansible_collections.bunops.platform.tests.unit.cluster.stub_server import server  # noqa: F401
