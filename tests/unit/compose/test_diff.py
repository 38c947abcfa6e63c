# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The diff: readable YAML, only what changes, and valid for a YAML parser."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.bunops.platform.plugins.module_utils.compose.diff import difference
from ansible_collections.bunops.platform.plugins.module_utils.compose.model import Observed
from ansible_collections.bunops.platform.plugins.module_utils.plain_yaml import to_yaml
from ansible_collections.bunops.platform.tests.unit.compose.support import observed_of, project_of
from ansible_collections.bunops.platform.tests.unit.compose.test_plan import CASES, planned

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\ufeff"), max_size=20)
BLOCKS = st.lists(TEXTS | st.just(""), max_size=4).map("\n".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS | BLOCKS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_to_yaml_is_yaml(value: dict[str, Any]) -> None:
    assert (yaml.safe_load(to_yaml(value)) or {}) == value


@pytest.mark.parametrize(
    "value",
    [
        "yes",
        "1",
        "1.5",
        "null",
        "a: b",
        "- x",
        "2026-11-01",
        "0x1f",
        "",
        " x",
        "x ",
        "#a",
        "1:30",
        "a #b",
        "127.0.0.1:80",
        "redis:7",
        "=",
        "12e3",
        ".5",
        "a:",
        "~",
        "_1",
    ],
)
def test_texts_stay_texts(value: str) -> None:
    assert yaml.safe_load(to_yaml({"key": value})) == {"key": value}


def changes(name: str, observed: Observed | None = None) -> dict[str, str]:
    """The diff of a case of test_plan.py."""
    case = CASES[name]
    project = project_of(case)
    state = observed or observed_of(project_of(case.get("before", case)), **case.get("observed", {}))
    return difference("atlas", project, state, planned(case))


def test_nothing_changes() -> None:
    diff = changes("containers: nothing differs")
    assert (diff["before"], diff["after"]) == ("", "")


def test_settings() -> None:
    diff = changes("containers: settings are named")
    assert diff["before"] == (
        'services:\n  api:\n    command:\n      - a\n    environment:\n      LOG_LEVEL: info\n      OLD: "1"\n'
    )
    assert diff["after"] == (
        'services:\n  api:\n    command:\n      - b\n    environment:\n      LOG_LEVEL: debug\n      NEW: "1"\n'
    )


def test_secrets_change_as_digests() -> None:
    diff = changes("containers: a secret value changes without being shown")
    assert "DB_PASSWORD: secret:" in diff["before"]
    assert "DB_PASSWORD: secret:" in diff["after"]
    assert diff["before"] != diff["after"]
    assert "first" not in diff["before"]
    assert "second" not in diff["after"]


def test_image_with_both_ids() -> None:
    diff = changes("containers: an image has new content")
    assert "image: atlas/api:local (atlas/api:lo)" in diff["before"].replace('"', "")
    assert "image: atlas/api:local (new)" in diff["after"].replace('"', "")


def test_network_and_scale() -> None:
    network = changes("networks_and_volumes: a network that changed takes all its containers along")
    assert "networks:\n  atlas_back:\n    internal: false\n" in network["before"]
    assert "networks:\n  atlas_back:\n    internal: true\n" in network["after"]
    scale = changes("containers: scale down")
    assert scale["before"] == "services:\n  worker:\n    scale: 3\n"
    assert scale["after"] == "services:\n  worker:\n    scale: 1\n"


def test_states() -> None:
    diff = changes("containers: stopped, killed and never started")
    assert yaml.safe_load(diff["before"])["services"] == {
        "api": {"state": "exited (0)"},
        "late": {"state": "created"},
        "worker": {"state": "exited (137)"},
    }
    assert {item["state"] for item in yaml.safe_load(diff["after"])["services"].values()} == {"running"}


def test_every_plan_has_a_diff() -> None:
    for name, case in CASES.items():
        if case.get("state") or case.get("nothing_yet"):
            continue
        diff = changes(name)
        assert (diff["before"] != diff["after"]) == bool(planned(case).operations), name
