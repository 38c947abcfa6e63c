# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Why a pod is not ready: cases/pods.yml."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness import pods
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.events import Event
from ansible_collections.bunops.platform.tests.unit.cluster.readiness.support import HERE

CASES = yaml.safe_load((HERE / "cases/pods.yml").read_text())


def pod_of(case: dict[str, Any]) -> dict[str, Any]:
    """A whole pod from its short form."""
    statuses = case.get("containers", [])
    return {
        "metadata": {"name": "web-1", **({"deletionTimestamp": "now"} if case.get("deleted") else {})},
        "spec": {"containers": [{"name": status["name"], "image": "r.test/a:1"} for status in statuses]},
        "status": {**case.get("status", {"phase": "Running"}), "containerStatuses": statuses},
    }


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_causes(case: dict[str, Any]) -> None:
    events = [
        Event(item["reason"], item["message"], item.get("container", ""), True, "", 1)
        for item in case.get("events", [])
    ]
    found = pods.causes(pod_of(case), events, case.get("leaving", False))
    expected = [{"restarts": None, **item} for item in case["causes"]]
    assert [{key: getattr(cause, key) for key in ("code", "text", "grace", "restarts")} for cause in found] == expected
    assert all(cause.pod == "web-1" for cause in found)


def test_a_failed_pod_tells_which_container_or_why_its_node_ended_it() -> None:
    ended = {"name": "web", "state": {"terminated": {"exitCode": 2, "reason": "Error"}}}
    well = {"name": "log", "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}
    pod = pod_of({"status": {"phase": "Failed"}, "containers": [well, ended]})
    assert [(cause.container, cause.text) for cause in pods.failures(pod)] == [("web", "it ended with exit code 2")]
    evicted = pod_of({"status": {"phase": "Failed", "reason": "Evicted", "message": "The node was low on\nmemory."}})
    assert [(cause.code, cause.text) for cause in pods.failures(evicted)] == [
        ("Evicted", "The node was low on memory.")
    ]
    assert pods.failures(pod_of({"status": {"phase": "Succeeded"}})) == []
