# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What all unit tests have in common."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# How long an example takes depends on what else the machine does.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
