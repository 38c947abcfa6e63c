# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a scaler would do now, and its reasons: cases/forecasts.yml."""

from __future__ import annotations

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.scaler.forecast import forecast
from ansible_collections.bunops.platform.tests.unit.scaler.support import QUEUE, cases, observed, wanted

CASES = cases("forecasts")


@pytest.mark.parametrize("name", CASES)
def test_forecast(name: str) -> None:
    case = CASES[name]
    options = case.get("options", {})
    given = {**QUEUE, **options} if "queue" not in options else options
    want = wanted(**{key: value for key, value in given.items() if value is not None})
    found = forecast(want, case.get("backend", "keda"), observed(case)).as_dict()
    assert (found["wanted_replicas"], found["why"]) == (case["replicas"], case["why"])
    assert found["current_replicas"] == case.get("target", {}).get("replicas", 3)
    if "result" in case:
        assert {key: found[key] for key in case["result"]} == case["result"]
