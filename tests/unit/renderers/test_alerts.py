# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What every alert has, which follow from the catalog, and what a bad wish for them is answered with."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.plugin_utils.model.errors import CatalogError
from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.alerts import alerts
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.alerts_notes import alerts_notes
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.alerts_parts import (
    SOURCES,
    Monitoring,
    Source,
    interval_seconds,
    monitoring_of,
)
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.monitoring import (
    Watch,
    monitoring_files,
    with_monitoring,
)
from ansible_collections.bunops.platform.tests.unit.renderers.cases import RUNBOOKS, platform_of

RUNBOOK_PAGES = Path(__file__).parents[3] / "docs/runbooks"
EVERYTHING = Monitoring(RUNBOOKS, frozenset(SOURCES), "atlas")


def rules_of(platform: Platform, monitoring: Monitoring = EVERYTHING) -> list[dict[str, Any]]:
    return [rule for group in alerts(platform, monitoring)["groups"] for rule in group["rules"]]


def alerts_of(platform: Platform, monitoring: Monitoring = EVERYTHING) -> dict[str, dict[str, Any]]:
    """The last alert of each name."""
    return {rule["alert"]: rule for rule in rules_of(platform, monitoring) if "alert" in rule}


def with_objectives(**objectives: object) -> Platform:
    raw = platform_of("reference").normalised()
    services: Any = raw["services"]
    for name, values in objectives.items():
        services[name]["objectives"] = values
    return Platform.parse(raw)


def test_every_alert_has_its_page_and_every_page_its_alert() -> None:
    assert {page.stem for page in RUNBOOK_PAGES.glob("*.md")} == set(alerts_of(platform_of("reference")))


def test_every_page_says_what_to_look_at_and_what_to_do() -> None:
    for page in RUNBOOK_PAGES.glob("*.md"):
        text = page.read_text()
        assert text.startswith(f"# {page.stem}\n"), page
        assert "\n## Look\n" in text and "\n## Act\n" in text, page


def test_every_alert_says_how_bad_it_is_and_names_its_page() -> None:
    for name, rule in alerts_of(platform_of("reference")).items():
        assert rule["labels"]["severity"] in ("page", "ticket", "none")
        assert rule["labels"]["platform"] == "atlas"
        assert rule["annotations"]["runbook_url"] == f"{RUNBOOKS}/{name}.md"
        assert rule["annotations"]["summary"] and rule["annotations"]["description"]


def test_what_nothing_tells_is_left_out_and_said() -> None:
    platform, nothing = platform_of("reference"), Monitoring(RUNBOOKS)
    left_out = set(alerts_of(platform)) - set(alerts_of(platform, nothing))
    assert left_out == {"BackupTooOld", "CertificateExpiresSoon", "ReplicasAtMaximum", "SecretSyncStale"}
    said = "\n".join(alerts_notes(platform, nothing))
    assert all(name in said for name in left_out)


def test_a_platform_without_metrics_has_the_watchdog_alone() -> None:
    assert set(alerts_of(platform_of("minimal"), Monitoring(RUNBOOKS))) == {"Watchdog"}


def _limits(rule: dict[str, Any]) -> list[str]:
    return re.findall(r"> ([0-9.]+)", rule["expr"])


def test_the_pace_of_the_workbook() -> None:
    """14.4, 6, 3 and 1 times as fast as a budget of 30 days lasts for."""
    rules = alerts_of(with_objectives(dashboard={"availability": 99}))
    assert _limits(rules["AvailabilityBudgetBurnsFast"]) == ["0.144", "0.144", "0.06", "0.06"]
    assert _limits(rules["AvailabilityBudgetBurnsSlowly"]) == ["0.03", "0.03", "0.01", "0.01"]


def test_the_pace_of_a_shorter_window() -> None:
    rules = alerts_of(with_objectives(dashboard={"availability": 99, "window": "7d"}))
    # 2 % of 7 days' budget within an hour.
    assert _limits(rules["AvailabilityBudgetBurnsFast"])[0] == "0.0336"


@pytest.mark.parametrize(("within", "le"), [("5ms", "0.005"), ("500ms", "0.5"), ("2500ms", "2.5"), ("10s", "10")])
def test_a_bound_is_that_of_a_bucket(within: str, le: str) -> None:
    rules = rules_of(with_objectives(dashboard={"latency": {"within": within}}))
    assert any(f'service="dashboard",le="{le}"' in rule["expr"] for rule in rules)


@pytest.mark.parametrize(("oldest_job", "interval", "held"), [("10m", 15, "300s"), ("20s", 5, "20s"), ("1s", 1, "4s")])
def test_how_soon_follows_from_how_long_a_job_may_wait(oldest_job: str, interval: int, held: str) -> None:
    platform = with_objectives(worker={"oldest_job": oldest_job})
    assert interval_seconds(platform) == interval
    assert alerts_of(platform)["QueueDoesNotMove"]["for"] == held


def test_a_source_that_nobody_knows() -> None:
    with pytest.raises(ValueError, match="sources: backup is not among backups, cert_manager"):
        monitoring_of(platform_of("minimal"), RUNBOOKS, ["backup", "backups"], None)


def test_a_port_that_the_catalog_has_given_away() -> None:
    with pytest.raises(CatalogError) as refused:
        with_monitoring(platform_of("reference"), Watch("/srv/monitoring", {}, prometheus_port=8080))
    assert refused.value.problems == [
        "platform.services.api.port: 8080 is published by prometheus already; give one of the two another port"
    ]


def test_whoever_tells_somebody_has_a_way_out() -> None:
    def egress(files: dict[str, object]) -> str:
        return with_monitoring(platform_of("reference"), Watch("/srv", files)).services["alertmanager"].egress

    nobody = {"route": {"receiver": "nobody"}, "receivers": [{"name": "nobody"}]}
    assert egress({"alertmanager.yml": nobody}) == "none"
    assert egress({"alertmanager.yml": {"route": {"receiver": "chat"}}}) == "public"


def test_a_node_exporter_tells_how_old_backups_are_where_there_is_anything_to_back_up() -> None:
    def runs(name: str, directory: str) -> bool:
        watch = Watch("/srv", {}, backup_metrics_dir=directory)
        return "node-exporter" in with_monitoring(platform_of(name), watch).services

    def is_asked(name: str, *sources: Source) -> bool:
        files = monitoring_files(platform_of(name), Monitoring(RUNBOOKS, frozenset(sources)))
        return "node-exporter" in [job["job_name"] for job in files["prometheus.yml"]["scrape_configs"]]

    assert runs("reference", "/srv/metrics") and is_asked("reference", "backups")
    assert not runs("reference", "") and not is_asked("reference", "edge")
    assert not runs("minimal", "/srv/metrics") and not is_asked("minimal", "backups")


def test_other_files_are_another_start() -> None:
    files: dict[str, object] = {"rules.yml": {"groups": []}}
    assert Watch("/srv", files).checksum == Watch("/srv", dict(files)).checksum
    assert Watch("/srv", files).checksum != Watch("/srv", {"rules.yml": {"groups": [1]}}).checksum
