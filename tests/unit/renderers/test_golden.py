# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Whole renderings, held against files. UPDATE_GOLDEN=1 writes the files anew."""

from __future__ import annotations

import os

import pytest

from ansible_collections.bunops.platform.tests.unit.renderers.cases import CASES, GOLDEN, RENDERERS, platform_of


@pytest.mark.parametrize("name", RENDERERS)
@pytest.mark.parametrize("case", CASES)
def test_rendering(case: str, name: str) -> None:
    text = RENDERERS[name](platform_of(case))
    file = GOLDEN / case / name
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(text)
    assert text == file.read_text()


@pytest.mark.parametrize("case", CASES)
def test_nothing_else_lies_there(case: str) -> None:
    assert {path.name for path in (GOLDEN / case).iterdir()} == {"platform.yml", *RENDERERS}
