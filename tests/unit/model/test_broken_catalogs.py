# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Broken catalogs, each refused with exactly the expected lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.bunops.platform.plugins.plugin_utils.model.errors import CatalogError
from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.tests.unit.model.catalogs import HERE, good, load, patched

CASES = sorted((HERE / "broken").glob("*.yml"))


def test_the_base_of_all_cases_is_right() -> None:
    assert Platform.parse(good()).name == "shop"


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_refused(case: Path) -> None:
    content = load(case)
    with pytest.raises(CatalogError) as refused:
        Platform.parse(patched(good(), content["catalog"]))
    assert refused.value.problems == content["problems"]
