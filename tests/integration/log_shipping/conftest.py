# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A platform whose logs are shipped by a real collector, to a store that the tests are."""

from __future__ import annotations

import io
import secrets
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.cluster import programs
from ansible_collections.bunops.platform.tests.integration.log_shipping.shipping import COLLECTOR, Shipping
from ansible_collections.bunops.platform.tests.integration.log_shipping.store import Store


@pytest.fixture(scope="session")
def collector_image(engine: Any) -> Iterator[str]:
    """Laid out like the published one: a program, an entry point, and nothing else."""
    program = programs.provide(print, COLLECTOR) / "otelcol"
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as root:
        root.add(program, "otelcol-contrib")
    reference = f"bunops-test/collector:{secrets.token_hex(4)}"
    repository, _, tag = reference.partition(":")
    changes = ['ENTRYPOINT ["/otelcol-contrib"]', "USER 10001"]
    engine.api.import_image_from_data(archive.getvalue(), repository=repository, tag=tag, changes=changes)
    yield reference
    engine.images.remove(reference, force=True)


@pytest.fixture
def store(engine: Any) -> Iterator[Store]:
    """It is not there yet."""
    (pool,) = engine.networks.get("bridge").attrs["IPAM"]["Config"]
    made = Store(pool["Gateway"])
    yield made
    made.go()


@pytest.fixture
def shipping(
    engine: Any, project_name: str, busybox_image: str, collector_image: str, store: Store, tmp_path: Path
) -> Shipping:
    """Nothing of it runs yet."""
    return Shipping(engine, project_name, busybox_image, collector_image, store, tmp_path)
