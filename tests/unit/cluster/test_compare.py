# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether an apply would change anything, told from what an API server answered before."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.compare import difference
from ansible_collections.bunops.platform.plugins.module_utils.cluster.fields import applied_fields, configuration
from ansible_collections.bunops.platform.tests.unit.cluster.support import MANAGER, NAMES, cases, edited, recorded

CASES = cases("compare")
# Objects that others have touched since, or that only the server can tell about.
OTHERS = ("configmap_of_others", "deployment_scaled", "deployment_empty")
# Objects with fields that are ours, and that are not in them because they are empty.
NOT_STORED = ("configmap_empty", "configmap_null", "networkpolicy")


@pytest.mark.parametrize("name", CASES)
def test_cause(name: str) -> None:
    case = CASES[name]
    record = recorded(case["recorded"])
    desired, live = edited(record["desired"], case.get("desired", {})), edited(record["live"], case.get("live", {}))
    assert difference(desired, live, MANAGER) == case.get("cause")


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OTHERS])
def test_what_was_applied_needs_no_apply(name: str) -> None:
    record = recorded(name)
    assert difference(record["desired"], record["live"], MANAGER) is None


@pytest.mark.parametrize("name", [name for name in NAMES if name not in (*OTHERS, *NOT_STORED)])
def test_our_part_of_an_object_needs_no_apply(name: str) -> None:
    """What a rollback would apply is what is there."""
    live = recorded(name)["live"]
    fields = applied_fields(live, MANAGER)
    assert fields is not None
    assert difference(configuration(fields, live), live, MANAGER) is None


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OTHERS])
def test_every_single_value_counts(name: str) -> None:
    """No value of a wanted object can be another one without being noticed."""
    record = recorded(name)
    for path in _leaves(record["desired"]):
        if path in ("apiVersion", "kind", "metadata.name", "metadata.namespace"):
            continue
        other = edited(record["desired"], {path: "another value"})
        assert difference(other, record["live"], MANAGER), path


def _leaves(value: Any, path: str = "") -> list[str]:
    """The paths of all values that are no mappings and lists themselves."""
    if isinstance(value, dict) and value:
        below = {f"{path}.{key}" if path else key: item for key, item in value.items()}
    elif isinstance(value, list) and value:
        below = {f"{path}.{index}": item for index, item in enumerate(value)}
    else:
        return [path]
    return [leaf for name, item in below.items() for leaf in _leaves(item, name)]
