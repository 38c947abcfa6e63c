# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""One cluster for all tests of a run that need one; it starts with the first of them."""

from __future__ import annotations

from ansible_collections.bunops.platform.tests.cluster.fixture import autoscaling_cluster, cluster, plain_cluster

__all__ = ["autoscaling_cluster", "cluster", "plain_cluster"]
