# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The queue meter on Kubernetes: when it is there, what it measures, and as whom."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from ansible_collections.bunops.platform.plugins.filter.manifests_notes import manifests_notes
from ansible_collections.bunops.platform.plugins.filter.manifests_summary import manifests_summary
from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.compose import compose
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.render import manifests
from ansible_collections.bunops.platform.tests.unit.model.catalogs import patched
from ansible_collections.bunops.platform.tests.unit.renderers.cases import CASES, GOLDEN, HOST, cluster_of
from ansible_collections.bunops.platform.tests.unit.renderers.facts import Facts, of_compose, of_kubernetes

METER = "queue-meter"


def raw(case: str, patch: object = None) -> dict[str, Any]:
    catalog: dict[str, Any] = patched(yaml.safe_load((GOLDEN / case / "platform.yml").read_text()), patch or {})
    return catalog


def programs(case: str, patch: object = None) -> dict[str, Facts]:
    platform = Platform.parse(raw(case, patch))
    return of_kubernetes(manifests(platform, cluster_of(platform)))


@pytest.mark.parametrize("case", CASES)
def test_it_is_there_where_a_queue_scales_something(case: str) -> None:
    assert (METER in programs(case)) == (case in ("reference", "queues"))
    assert METER not in of_compose(compose(Platform.parse(raw(case)), HOST))


def test_it_goes_with_the_last_range() -> None:
    worker = {"replicas": {"min": 4, "max": 4}}
    assert METER not in programs("reference", {"services": {"worker": worker}})


def test_it_is_told_of_each_queue_once() -> None:
    queues = json.loads(programs("queues")[METER].environment["QUEUES"])
    assert [(queue["store"], queue["name"], queue["type"]) for queue in queues] == [
        ("cache", "thumb.2024", "bullmq"),
        ("far-away", "import", "bullmq"),
        ("jobs", "mail", "bullmq"),
        ("plain", "report", "bullmq"),
    ]


def test_it_comes_as_the_observer_where_there_is_one() -> None:
    meter = programs("queues")[METER]
    told = {key: value for key, value in meter.environment.items() if key.endswith(("_URL", "_USER", "_PASSWORD_FILE"))}
    assert {key: value for key, value in told.items() if "OBSERVER" not in key} == {
        "CACHE_URL": "redis://cache:6380",
        "CACHE_PASSWORD_FILE": "/run/secrets/CACHE_PASSWORD",
        "FAR_AWAY_URL": "rediss://10.0.0.7:6380/2",
        "FAR_AWAY_USER": "observer",
        "FAR_AWAY_PASSWORD_FILE": "/run/secrets/FAR_AWAY_OBSERVER_PASSWORD",
        "JOBS_URL": "redis://jobs:6379",
        "JOBS_USER": "observer",
        "JOBS_PASSWORD_FILE": "/run/secrets/JOBS_OBSERVER_PASSWORD",
        "PLAIN_URL": "redis://plain:6381",
    }
    assert meter.secrets == {
        "CACHE_PASSWORD",
        "FAR_AWAY_OBSERVER_PASSWORD",
        "JOBS_OBSERVER_PASSWORD",
        "JOBS_OBSERVER_PASSWORD.previous",
    }


def test_a_store_that_lets_everybody_in_has_no_observer() -> None:
    """Its ACL file would have come with the programs' own password."""
    meter = programs("queues", {"secrets": {"PLAIN_OBSERVER_PASSWORD": {"generate": {"length": 32}}}})[METER]
    assert not any(name.startswith("PLAIN_") and name != "PLAIN_URL" for name in meter.environment)


def test_its_password_is_in_no_object() -> None:
    """A file that only a Secret fills, as for all others."""
    platform = Platform.parse(raw("queues"))
    rendered = manifests(platform, cluster_of(platform))
    assert "Secret" not in {item["kind"] for item in rendered}


def test_another_queue_rolls_it_and_nothing_else() -> None:
    queue = {"services": {"worker": {"replicas": {"queue": {"name": "fetch-2"}}}}}
    before, after = (
        {
            item["metadata"]["name"]: item
            for item in manifests(platform, cluster_of(platform))
            if item["kind"] == "Deployment"
        }
        for platform in (Platform.parse(raw("reference")), Platform.parse(raw("reference", queue)))
    )
    assert {name for name in after if before[name] != after[name]} == {METER}


def test_what_it_may_call_is_said() -> None:
    catalog = raw("reference")
    catalog["stores"]["redis"] = {"kind": "redis", "external": "rediss://redis.internal:6380"}
    notes = [note for note in manifests_notes(catalog) if METER in note]
    assert notes == [
        "egress: a NetworkPolicy knows no names, so queue-meter can call any address at the port of redis, which runs "
        "elsewhere"
    ]


def test_it_is_in_the_table_at_the_end() -> None:
    objects = [{"kind": "Deployment", "namespace": "atlas", "name": METER, "action": "created"}]
    lines = manifests_summary(raw("reference"), objects, namespace="atlas").splitlines()
    assert [line.split() for line in lines if METER in line] == [
        [METER, "http://queue-meter.atlas.svc:8080", "created"]
    ]
