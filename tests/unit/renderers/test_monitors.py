# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What the Prometheus Operator and Grafana are given: it fits the pods, and is there only where somebody acts on it."""

from __future__ import annotations

import json
import re
from collections.abc import ItemsView, Mapping
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from hypothesis import given, settings

from ansible_collections.bunops.platform.plugins.filter import manifests as manifests_filter
from ansible_collections.bunops.platform.plugins.filter import manifests_notes as notes_filter
from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.alerts import alerts
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.alerts_parts import (
    SOURCES,
    Monitoring,
    interval_seconds,
    told_by,
)
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.dashboard import dashboard
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.cluster import Cluster
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.render import manifests
from ansible_collections.bunops.platform.tests.unit.renderers.cases import (
    CASES,
    GOLDEN,
    RUNBOOKS,
    cluster_of,
    platform_of,
    watched_cluster_of,
)
from ansible_collections.bunops.platform.tests.unit.renderers.catalog_strategy import catalogs
from ansible_collections.bunops.platform.tests.unit.renderers.network_reader import templates

Object = dict[str, Any]
ROOT = Path(__file__).parents[3]
WATCHED_FROM = {"namespace": "monitoring", "runbooks": RUNBOOKS}


def of_kind(objects: list[Object], kind: str) -> list[Object]:
    return [item for item in objects if item["kind"] == kind]


def with_kinds(platform: Platform, *kinds: str) -> Cluster:
    """A cluster that serves these of the operator's kinds."""
    cluster = watched_cluster_of(platform)
    assert cluster.watching
    return replace(cluster, watching=replace(cluster.watching, kinds=frozenset(kinds)))


@settings(max_examples=15)
@given(catalogs())
def test_every_monitor_reads_the_pods_of_its_service_at_a_port_that_they_have(raw: dict[str, Any]) -> None:
    platform = Platform.parse(raw)
    objects = manifests(platform, watched_cluster_of(platform))
    pods = {name: (item["metadata"]["namespace"], pod) for name, (item, pod) in templates(objects).items()}
    monitors = of_kind(objects, "PodMonitor")
    assert [item["metadata"]["name"] for item in monitors] == sorted(told_by(platform))
    for monitor in monitors:
        name, namespace, spec = monitor["metadata"]["name"], monitor["metadata"]["namespace"], monitor["spec"]
        wanted = spec["selector"]["matchLabels"].items()
        read = [pod for pod, (space, template) in pods.items() if space == namespace and wanted <= _labels(template)]
        assert read == [name]
        (endpoint,) = spec["podMetricsEndpoints"]
        (container,) = pods[name][1]["spec"]["containers"]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        service = platform.services.get(name)
        assert ports[endpoint["port"]] == (service.metrics.port if service and service.metrics else 8080)
        assert endpoint["interval"] == f"{interval_seconds(platform)}s"
        # By that label alerts and the dashboard know the service.
        assert endpoint["relabelings"] == [{"action": "replace", "targetLabel": "service", "replacement": name}]


@pytest.mark.parametrize("case", CASES)
def test_the_rules_are_those_of_the_filter(case: str) -> None:
    platform = platform_of(case)
    (rule,) = of_kind(manifests(platform, watched_cluster_of(platform)), "PrometheusRule")
    monitoring = Monitoring(RUNBOOKS, frozenset(SOURCES), platform.name, {"namespace": platform.name})
    wanted = alerts(platform, monitoring)["groups"]
    interval = f"{interval_seconds(platform)}s"
    assert rule["spec"]["groups"] == [{**group, "interval": interval} for group in wanted]


@pytest.mark.parametrize(
    ("kinds", "made"),
    [
        ((), set()),
        (("PodMonitor",), {"PodMonitor", "ConfigMap"}),
        (("PrometheusRule",), {"PrometheusRule", "ConfigMap"}),
        (("PodMonitor", "PrometheusRule"), {"PodMonitor", "PrometheusRule", "ConfigMap"}),
    ],
)
def test_only_what_the_cluster_serves(kinds: tuple[str, ...], made: set[str]) -> None:
    platform = platform_of("reference")
    plain = {(item["kind"], item["metadata"]["name"]) for item in manifests(platform, cluster_of(platform))}
    objects = manifests(platform, with_kinds(platform, *kinds))
    assert {item["kind"] for item in objects if (item["kind"], item["metadata"]["name"]) not in plain} == made


def test_labels_by_which_a_prometheus_selects() -> None:
    platform = platform_of("reference")
    objects = manifests(platform, watched_cluster_of(platform))
    labelled = {item["kind"] for item in objects if item["metadata"]["labels"].get("release") == "stack"}
    assert labelled == {"PodMonitor", "PrometheusRule"}


def test_a_label_of_ours_is_not_taken_away() -> None:
    platform = platform_of("reference")
    cluster = watched_cluster_of(platform)
    assert cluster.watching
    strange = replace(cluster.watching, labels={"app.kubernetes.io/part-of": "other"})
    for item in manifests(platform, replace(cluster, watching=strange)):
        assert item["metadata"]["labels"]["app.kubernetes.io/part-of"] == "atlas"


def test_two_platforms_in_one_prometheus_are_told_apart() -> None:
    """Every selector of series names the namespace, and so does what is recorded."""
    platform = platform_of("reference")
    monitoring = Monitoring(RUNBOOKS, frozenset(), "atlas", {"namespace": "atlas"})
    for group in alerts(platform, monitoring)["groups"]:
        for rule in group["rules"]:
            selectors = re.findall(r"\{[^{}]*\}", rule["expr"])
            assert selectors or rule["alert"] == "Watchdog"
            assert all('namespace="atlas"' in selector for selector in selectors), rule
            assert rule["labels"]["namespace"] == "atlas"
    for panel in dashboard(platform, monitoring)["panels"]:
        for target in panel.get("targets", []):
            assert all('namespace="atlas"' in one for one in re.findall(r"\{[^{}]*\}", target["expr"])), target


@settings(max_examples=15)
@given(catalogs())
def test_a_dashboard_is_one_that_grafana_takes(raw: dict[str, Any]) -> None:
    platform = Platform.parse(raw)
    shown = dashboard(platform, Monitoring(RUNBOOKS, matchers={"namespace": "any"}))
    assert 0 < len(shown["uid"]) <= 40 and re.fullmatch(r"[a-zA-Z0-9_-]+", shown["uid"])
    panels = shown["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for one, other in combinations(panels, 2):
        assert not overlap(one["gridPos"], other["gridPos"]), (one["title"], other["title"])
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)
    titles = [panel["title"] for panel in panels if panel["type"] != "row"]
    assert len(set(titles)) == len(titles)
    for panel in (panel for panel in panels if panel["type"] != "row"):
        targets = panel["targets"]
        assert targets and len({target["refId"] for target in targets}) == len(targets)
        for used in (panel, *targets):
            assert used["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    variables = {variable["name"]: variable["type"] for variable in shown["templating"]["list"]}
    assert variables == {"datasource": "datasource"}
    assert json.loads(json.dumps(shown)) == shown


def test_dashboards_of_two_namespaces_do_not_replace_each_other() -> None:
    platform = platform_of("reference")
    first, second = (dashboard(platform, Monitoring(RUNBOOKS, matchers={"namespace": name})) for name in ("a", "b"))
    assert first["uid"] != second["uid"]
    assert (first["title"], second["title"]) == ("atlas a", "atlas b")


@pytest.mark.parametrize(
    ("monitoring", "refusal"),
    [
        ({"namespace": "monitoring"}, "monitoring lacks runbooks"),
        ({**WATCHED_FROM, "kind": []}, "monitoring has kind; expected are namespace"),
        ({**WATCHED_FROM, "kinds": ["Probe"]}, "monitoring.kinds: Probe is not among PodMonitor, PrometheusRule"),
        ({**WATCHED_FROM, "sources": ["backup"]}, "sources: backup is not among"),
    ],
)
def test_a_bad_wish_is_answered_with_what_is_expected(monitoring: Object, refusal: str) -> None:
    raw = yaml.safe_load((GOLDEN / "reference/platform.yml").read_text())
    for render in (manifests_filter.manifests, notes_filter.manifests_notes):
        with pytest.raises((AnsibleFilterError, ValueError), match=re.escape(refusal)):
            render(raw, monitoring=monitoring)


@pytest.mark.parametrize(
    ("monitoring", "said"),
    [
        (None, "nobody may call the metrics of api (9464)"),
        (WATCHED_FROM, "serves no PodMonitor and PrometheusRule (of the Prometheus Operator)"),
        ({**WATCHED_FROM, "kinds": ["PodMonitor"]}, "serves no PrometheusRule (of"),
        ({**WATCHED_FROM, "kinds": ["PodMonitor", "PrometheusRule"]}, ""),
    ],
)
def test_what_a_cluster_lacks_is_said(monitoring: Object | None, said: str) -> None:
    raw = yaml.safe_load((GOLDEN / "reference/platform.yml").read_text())
    notes = [note for note in notes_filter.manifests_notes(raw, monitoring=monitoring) if note.startswith("metrics: ")]
    assert [said in note for note in notes] == ([True] if said else [])


def test_every_metric_is_one_that_the_programs_tell() -> None:
    """In alerts and the dashboard, of what their sources say that they tell; rules may use what other rules record."""
    platform = platform_of("reference")
    monitoring = Monitoring(RUNBOOKS)
    rules = [rule for group in alerts(platform, monitoring)["groups"] for rule in group["rules"]]
    targets = [target for panel in dashboard(platform, monitoring)["panels"] for target in panel.get("targets", [])]
    used = {name for each in (*rules, *targets) for name in re.findall(r"([a-z_:0-9]+)\{", each["expr"])}
    recorded = {rule["record"] for rule in rules if "record" in rule}
    sources = [*ROOT.glob("examples/platform/*/src/metrics.ts"), ROOT / "docker/queue-meter/src/metrics.ts"]
    told = {name for source in sources for name in re.findall(r'(?:name: |family\()"([a-z_]+)"', source.read_text())}
    told |= {f"{name}_{part}" for name in told if name.endswith("_seconds") for part in ("bucket", "count")}
    assert len(told) > 20
    # Prometheus' own, and what the programs' library tells of each process.
    assert used - recorded - told == {
        "up",
        "process_start_time_seconds",
        "process_cpu_seconds_total",
        "process_resident_memory_bytes",
    }


def _labels(template: Mapping[str, Any]) -> ItemsView[str, str]:
    labels: dict[str, str] = template["metadata"]["labels"]
    return labels.items()


def overlap(one: dict[str, int], other: dict[str, int]) -> bool:
    across = one["x"] < other["x"] + other["w"] and other["x"] < one["x"] + one["w"]
    return across and one["y"] < other["y"] + other["h"] and other["y"] < one["y"] + one["h"]
