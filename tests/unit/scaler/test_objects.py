# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The objects, each against a golden file; `BUNOPS_WRITE_GOLDEN=1` writes them anew."""

from __future__ import annotations

import os
from typing import Any

import pytest
import yaml

from ansible_collections.bunops.platform.plugins.module_utils.plain_yaml import to_yaml
from ansible_collections.bunops.platform.plugins.module_utils.scaler.objects import HPA, KEDA, body, meter_path
from ansible_collections.bunops.platform.plugins.module_utils.scaler.spec import Queue
from ansible_collections.bunops.platform.tests.unit.scaler.support import HERE, QUEUE, wanted

RATE = {"per_replica": 100, "address": "http://prometheus:9090", "query": "sum(rate(requests[1m]))"}
EVERYTHING: dict[str, Any] = {
    **QUEUE,
    "name": "workers",
    "target": {"kind": "StatefulSet", "name": "worker"},
    "cpu_percent": 70,
    "requests_per_second": {**RATE, "metric": {"name": "requests"}},
    "metric": {"name": "jobs", "selector": {"store": "redis", "queue": "fetch"}},
    "min_replicas": 2,
    "longest_job": 7200,
    "up": {"pods": 4, "period": 60, "stabilization": 30},
    "down": {"pods": 1, "period": 120},
}
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "keda_worker": (KEDA, {**QUEUE, "min_replicas": 0}),
    "keda_api": (KEDA, {"cpu_percent": 70, "requests_per_second": RATE, "min_replicas": 2}),
    "keda_everything": (KEDA, EVERYTHING),
    "hpa_worker": (HPA, {**QUEUE, "metric": {"name": "jobs"}}),
    "hpa_everything": (HPA, EVERYTHING),
}


@pytest.mark.parametrize("name", CASES)
def test_object(name: str) -> None:
    backend, options = CASES[name]
    made = body(wanted(**options), backend, grace=45)
    file = HERE / "golden" / f"{name}.yml"
    if os.environ.get("BUNOPS_WRITE_GOLDEN"):
        file.write_text(f"---\n{to_yaml(made)}")
    assert made == yaml.safe_load(file.read_text())


def test_a_queue_has_its_name_in_the_path_whatever_it_is() -> None:
    assert meter_path(Queue("redis", "a/b c%")) == "/queues/redis/a%2Fb%20c%25"
