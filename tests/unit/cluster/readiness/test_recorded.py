# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Waits replayed on what real clusters had at their end: recorded/<version>/<case>.json.

The cases, and so what is expected, are those of the integration tests, which also make the recordings:
tests/integration/k8s_wait/recording.py.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import NotReady, Target
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.wait import wait_until_ready
from ansible_collections.bunops.platform.tests.integration.k8s_wait import cases
from ansible_collections.bunops.platform.tests.unit.cluster.readiness.support import HERE, Clock, FakeReader

RECORDED = sorted((HERE / "recorded").glob("*/*.json"))


@pytest.mark.parametrize("path", RECORDED, ids=[f"{path.parent.name} {path.stem}" for path in RECORDED])
def test_replay(path: Path, clock: Clock) -> None:
    recorded = json.loads(path.read_text())
    case = cases.load(path.stem, "atlas", "unused")
    began, error = clock.now, None
    try:
        reader = FakeReader(recorded["objects"], recorded["logs"])
        wait_until_ready(reader, [Target(*target) for target in recorded["targets"]], case.timeout)
    except NotReady as problem:
        error = problem
    cases.check(cases.Outcome(case, error))
    assert clock.now - began < case.within


def test_every_case_is_recorded() -> None:
    assert {path.stem for path in RECORDED} == set(cases.NAMES)
