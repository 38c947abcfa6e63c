# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Role k8s_platform takes it well if a cluster has nothing to scale with, and nothing else: cases/preflight.yml."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from ansible_collections.bunops.platform.tests.unit.scaler.support import cases

VARIABLES = Path(__file__).parents[3] / "roles/k8s_platform/vars/main.yml"


def test_what_a_cluster_lacks_is_told_from_all_else() -> None:
    lacking = re.compile(yaml.safe_load(VARIABLES.read_text())["k8s_platform_lacking"])
    taken_well = {
        name
        for name, case in cases("preflight").items()
        if case.get("problems") and all(lacking.match(problem) for problem in case["problems"])
    }
    assert taken_well == {"neither is there", "metrics that are not there", "nobody measures CPU"}
