# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A real Kubernetes on this machine, for tests."""

from __future__ import annotations

from ansible_collections.bunops.platform.tests.cluster.cluster import Cluster

__all__ = ["Cluster"]
