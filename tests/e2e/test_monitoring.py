"""Prometheus and Alertmanager beside the platform: what stands still is told, with the page that says what to do."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import expect

from ansible_collections.bunops.platform.tests.e2e.browser import chromium
from ansible_collections.bunops.platform.tests.e2e.pages import Pages
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import (
    PlatformUnderTest,
    command,
    eventually,
    inspect,
)

PROMETHEUS, ALERTMANAGER = 29090, 29093
RUNBOOKS = "https://runbooks.example.com"
ARGUMENTS = {
    "monitoring": True,
    "compose_stack_prometheus_port": PROMETHEUS,
    "compose_stack_alertmanager_port": ALERTMANAGER,
    "compose_stack_runbooks": RUNBOOKS,
}


@pytest.fixture(scope="module")
def monitored(platform: PlatformUnderTest) -> Iterator[PlatformUnderTest]:
    """The same platform, in which a job may wait for 12 s, watched; afterwards as it was."""
    platform.catalog["services"]["worker"]["objectives"] = {"oldest_job": "12s"}
    platform.write_inventory()
    try:
        platform.play("local.yml", "-e", json.dumps(ARGUMENTS))
        yield platform
    finally:
        del platform.catalog["services"]["worker"]["objectives"]
        platform.write_inventory()
        platform.play("local.yml")


@pytest.mark.usefixtures("monitored")
def test_all_that_has_metrics_is_read() -> None:
    names = {"api", "worker", "dashboard", "queue-meter", "node-exporter", "prometheus", "alertmanager"}

    def read() -> set[str] | None:
        series = asked(PROMETHEUS, "/api/v1/query?query=up")["data"]["result"]
        up = {one["metric"]["service"] for one in series if one["value"][1] == "1"}
        return up if up == names else None

    eventually(read, 30)
    redis = asked(PROMETHEUS, "/api/v1/query?query=redis_memory_max_bytes")["data"]["result"]
    assert float(redis[0]["value"][1]) > 0


def test_a_second_run_changes_nothing(monitored: PlatformUnderTest) -> None:
    again = monitored.play("local.yml", "-e", json.dumps(ARGUMENTS))
    assert again.changed == 0
    assert f"http://127.0.0.1:{PROMETHEUS}/user/" in again.output


def test_a_dashboard_shows_it(monitored: PlatformUnderTest) -> None:
    with chromium(monitored) as browser:
        page = browser.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("response", lambda answer: faults.append(f"{answer.status} {answer.url}") if not answer.ok else None)
        page.goto(f"http://127.0.0.1:{PROMETHEUS}/user/")
        for title, lines in {
            "Jobs in redis/fetch": {"waiting", "active", "delayed", "demand"},
            "Memory of redis": {"used", "all of it"},
            "Replicas": {"api", "dashboard", "queue-meter", "worker"},
        }.items():
            panel = page.locator("section", has=page.get_by_role("heading", name=title, exact=True))
            # The page looks again each 30 s, and the first time there may have been nothing yet.
            expect(panel.locator("svg path").first).to_be_attached(timeout=45_000)
            assert lines <= set(panel.locator(".label").all_inner_texts()), title
        assert faults == []


def test_a_queue_that_does_not_move_is_told_and_ends_with_the_worker(
    monitored: PlatformUnderTest, pages: Pages
) -> None:
    worker = monitored.container("worker")
    command("docker", "stop", worker)
    try:
        jobs = [monitored.post_job(pages.url(f"/backlog/{number}")) for number in range(3)]
        told = {name: eventually(partial(firing, name), 90) for name in ("QueueDoesNotMove", "OldestJobTooOld")}
    finally:
        command("docker", "start", worker)
    for name, alert in told.items():
        assert alert["annotations"]["runbook_url"] == f"{RUNBOOKS}/{name}.md"
        assert alert["labels"]["queue"] == "fetch"
        assert alert["labels"]["platform"] == monitored.name
    assert [monitored.ended_job(job)["status"] for job in jobs] == ["done"] * 3
    for name in told:
        eventually(partial(silent, name), 60)


def test_how_old_backups_are_is_told_after_one(monitored: PlatformUnderTest) -> None:
    begin = int(time.time())
    monitored.play("backup.yml")
    name = "bunops_backup_last_success_timestamp_seconds"

    def told() -> dict[str, int] | None:
        series = asked(PROMETHEUS, f"/api/v1/query?query={name}")["data"]["result"]
        made = {one["metric"]["store"]: int(one["value"][1]) for one in series if int(one["value"][1]) >= begin}
        assert {one["metric"]["platform"] for one in series} <= {monitored.name}
        return made or None

    assert eventually(told, 30).keys() == {"redis", "turso"}
    assert silent("BackupTooOld")


def test_metrics_are_nobody_elses(monitored: PlatformUnderTest) -> None:
    for name in ("api", "worker", "dashboard", "queue-meter", "node-exporter"):
        published = inspect("container", monitored.container(name))["NetworkSettings"]["Ports"]
        assert not {"9100/tcp", "9464/tcp"} & {port for port, hosts in published.items() if hosts}
    exporter = inspect("container", monitored.container("node-exporter"))
    assert [(mount["Destination"], mount["RW"]) for mount in exporter["Mounts"]] == [("/textfile", False)]
    assert list(exporter["NetworkSettings"]["Networks"]) == [f"{monitored.name}_metrics-node-exporter"]
    for name in ("prometheus", "alertmanager", "node-exporter"):
        container = inspect("container", monitored.container(name))
        assert container["Config"]["User"] == "1000:1000"
        assert container["HostConfig"]["ReadonlyRootfs"] and container["HostConfig"]["CapDrop"] == ["ALL"]
        bound = [host["HostIp"] for hosts in container["NetworkSettings"]["Ports"].values() for host in hosts or ()]
        assert set(bound) == (set() if name == "node-exporter" else {"127.0.0.1"})


def firing(name: str) -> dict[str, Any] | None:
    """The alert as Alertmanager has it, if it fires."""
    found = asked(ALERTMANAGER, f"/api/v2/alerts?filter=alertname%3D{name}")
    return dict(found[0]) if found else None


def silent(name: str) -> bool | None:
    return True if firing(name) is None else None


def asked(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return json.load(answer)
