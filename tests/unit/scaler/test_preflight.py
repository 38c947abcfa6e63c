# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is found before anything changes, in its very words: cases/preflight.yml."""

from __future__ import annotations

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.scaler.backend import choose
from ansible_collections.bunops.platform.plugins.module_utils.scaler.preflight import problems, warnings
from ansible_collections.bunops.platform.tests.unit.scaler.support import QUEUE, cases, observed, wanted

CASES = cases("preflight")


@pytest.mark.parametrize("name", CASES)
def test_preflight(name: str) -> None:
    case = CASES[name]
    given = {**QUEUE, **case.get("options", {})}
    want, seen = wanted(**{key: value for key, value in given.items() if value is not None}), observed(case)
    choice = choose(want, seen)
    assert problems(want, choice, seen) == case.get("problems", [])
    assert warnings(want, seen) == case.get("warnings", [])
    if "backend" in case:
        assert f"{choice.backend}: {choice.why}" == case["backend"]
