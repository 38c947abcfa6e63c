# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""When an object is ready by itself: cases/judge.yml."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.judge import judge, settled
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import Expectation
from ansible_collections.bunops.platform.tests.unit.cluster.readiness.support import HERE

CASES = yaml.safe_load((HERE / "cases/judge.yml").read_text())


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_verdict(case: dict[str, Any]) -> None:
    verdict = judge(case["object"], [Expectation(**item) for item in case.get("conditions", [])])
    if verdict.ready:
        said = "ready"
    else:
        said = f"failed {verdict.code}: {verdict.text}" if verdict.failed else f"waiting: {verdict.text}"
    assert said == case["expect"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}, True),
        ({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}}, False),
        (
            {"apiVersion": "x.test/v1", "kind": "Thing", "metadata": {}, "status": {"conditions": [{"type": "A"}]}},
            False,
        ),
        ({"apiVersion": "x.test/v1", "kind": "Wished"}, False),
    ],
)
def test_only_what_cannot_turn_is_settled(value: dict[str, Any], expected: bool) -> None:
    assert settled(value, [Expectation("Wished", "Ready")]) is expected
