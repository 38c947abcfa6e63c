# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What the tests of the Docker side have, too."""

from __future__ import annotations

from ansible_collections.bunops.platform.tests.integration.conftest import busybox_image, engine

__all__ = ["busybox_image", "engine"]
