# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""One cluster for all tests of a run that need one, and which tests may not run beside each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.bunops.platform.tests.cluster.fixture import (
    autoscaling_cluster,
    cluster,
    gateway_cluster,
    plain_cluster,
)

__all__ = ["autoscaling_cluster", "cluster", "gateway_cluster", "plain_cluster"]

_TESTS = Path(__file__).parent
# The other folders of tests/e2e share one platform.
_OWN_PLATFORM = ("autoscaling", "develop", "develop_cluster", "kubernetes", "secrets")
# Its folders are apart: together they would take longer than everything else that runs beside them.
_APART = "secret_sync"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one platform or of one folder run one after the other, with `--dist loadgroup`."""
    for item in items:
        kind, folder, *rest = item.path.relative_to(_TESTS).parts
        group = folder if kind != "e2e" or folder in _OWN_PLATFORM else "platform"
        if folder == _APART:
            group = f"{folder}/{rest[0]}"
        item.add_marker(pytest.mark.xdist_group(f"{kind}/{group}"))
