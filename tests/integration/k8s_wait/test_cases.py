# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""How waits end on a real cluster: when all is well, and why not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.bunops.platform.tests.integration.k8s_wait import cases


@pytest.mark.parametrize("case_name", cases.NAMES)
def test_case(case_name: str, outcome_of: Callable[[str], cases.Outcome]) -> None:
    cases.check(outcome_of(case_name))
