# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The platform with its edge."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.bunops.platform.tests.e2e.edge.behind import BRIDGES, PLACE, Behind, run
from ansible_collections.bunops.platform.tests.e2e.edge.client import Client
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import PlatformUnderTest


@pytest.fixture(scope="module")
def edge(platform: PlatformUnderTest) -> Iterator[Behind]:
    """Clients have 3 s for a request. Afterwards there is no edge, and the ports are published again."""
    former = dict(platform.catalog["edge"])
    platform.catalog["edge"].update(trusted_proxies=BRIDGES, request_timeout="3s")
    platform.write_inventory()
    try:
        first = run(platform, "-vvv", "--diff")
        yield Behind(platform, Client(platform.directory / ".bunops/secrets/edge-tls.ca", PLACE), first)
    finally:
        platform.catalog["edge"] = former
        platform.write_inventory()
        platform.play("local.yml")
