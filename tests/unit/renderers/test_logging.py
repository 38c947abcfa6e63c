# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Every container's log is bounded, whatever the catalog says and whatever runs beside the platform."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.alerts_parts import Monitoring
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.compose import Host, compose
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.compose_develop import compose_develop
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.edge.service import RunningEdge, edge_files
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.monitoring import Watch, monitoring_files
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.names import ALERTMANAGER, EDGE, PROMETHEUS
from ansible_collections.bunops.platform.tests.unit.renderers.cases import (
    BUILD_HOST,
    CASES,
    GOLDEN,
    HOST,
    RUNBOOKS,
    platform_of,
)
from ansible_collections.bunops.platform.tests.unit.renderers.catalog_strategy import catalogs

MINIMAL = {
    "name": "any",
    "services": {"api": {"image": {"dockerfile": "Dockerfile", "context": "."}, "health": {"exec": ["true"]}}},
}


def watched(platform: Platform) -> Host:
    files = monitoring_files(platform, Monitoring(RUNBOOKS))
    return replace(HOST, watch=Watch("/srv/monitoring", files, 19090, 19093, "/srv/backup-metrics"))


def led_to(platform: Platform) -> Host:
    return replace(HOST, edge=RunningEdge("/srv/edge", edge_files(platform, 18443, 18480), 18443, 18480))


def projects(platform: Platform) -> Iterator[dict[str, Any]]:
    """All forms in which Compose and Tilt run a platform."""
    hosts = [HOST, watched(platform)]
    if platform.edge:
        hosts.append(led_to(platform))
    for host in hosts:
        yield compose(platform, host)
        yield compose_develop(platform, host, BUILD_HOST, "mount")


def unbounded(project: Mapping[str, Any]) -> list[str]:
    """The containers whose log may fill the disk."""
    return [name for name, service in project["services"].items() if not is_bounded(service.get("logging") or {})]


def is_bounded(logging: Mapping[str, Any]) -> bool:
    options = logging.get("options", {})
    if logging.get("driver") == "fluentd":
        # It goes elsewhere, without waiting for anybody; what the engine keeps for `docker logs` has the limits.
        copy = {name.removeprefix("cache-"): value for name, value in options.items() if name.startswith("cache-")}
        kept = 0 < int(options.get("fluentd-buffer-limit", 0)) <= 2**16
        return options.get("fluentd-async") == "true" and kept and is_bounded({"driver": "json-file", "options": copy})
    size, files = int(options.get("max-size", 0)), int(options.get("max-file", 0))
    # Compression of closed files: where there are any, and only there.
    compressed = options.get("compress", "false") == ("true" if files > 1 else "false")
    return logging.get("driver") == "json-file" and size > 0 and 0 < files <= 100 and compressed


@pytest.mark.parametrize("case", CASES)
def test_no_container_of_a_catalog_is_without_a_limit(case: str) -> None:
    platform = platform_of(case)
    found = list(projects(platform))
    assert [name for project in found for name in unbounded(project)] == []
    assert any({PROMETHEUS, ALERTMANAGER} <= project["services"].keys() for project in found)
    assert (platform.edge is None) == (not any(EDGE in project["services"] for project in found))


@pytest.mark.parametrize("case", CASES)
def test_nor_any_in_the_files(case: str) -> None:
    """What lies there was read by people, and is what a new renderer is held to."""
    files = [file for file in (GOLDEN / case).glob("compose*.yml") if "refused:" not in file.read_text()[:60]]
    documents = [document for file in files for document in yaml.safe_load_all(file.read_text())]
    described = [document for document in documents if isinstance(document, dict) and "services" in document]
    assert len(described) == len(files) >= 3
    assert [name for project in described for name in unbounded(project)] == []


@settings(max_examples=40)
@given(catalogs())
def test_nor_any_of_other_catalogs(catalog: dict[str, Any]) -> None:
    platform = Platform.parse(catalog)
    assert [name for project in projects(platform) for name in unbounded(project)] == []


@settings(max_examples=20)
@given(st.integers(1, 100), st.integers(1, 4096))
def test_the_limit_is_the_one_of_the_catalog(files: int, mebibytes: int) -> None:
    api = MINIMAL["services"]["api"] | {"logging": {"max_size": f"{mebibytes}Mi", "max_files": files}}  # type: ignore[index]
    project = compose(Platform.parse({**MINIMAL, "services": {"api": api}}), HOST)
    options = project["services"]["api"]["logging"]["options"]  # type: ignore[index]
    assert (options["max-size"], options["max-file"]) == (str(mebibytes * 2**20), str(files))
    assert unbounded(project) == []


@pytest.mark.parametrize(
    "logging",
    [
        {},
        {"driver": "json-file"},
        {"driver": "json-file", "options": {"max-size": "1000"}},
        {"driver": "json-file", "options": {"max-size": "1000", "max-file": "3"}},
        {"driver": "json-file", "options": {"max-size": "1000", "max-file": "1", "compress": "true"}},
        {
            "driver": "fluentd",
            "options": {"fluentd-buffer-limit": "9", "cache-max-size": "1000", "cache-max-file": "1"},
        },
        {"driver": "fluentd", "options": {"fluentd-async": "true", "cache-max-size": "1000", "cache-max-file": "1"}},
        {"driver": "fluentd", "options": {"fluentd-async": "true", "fluentd-buffer-limit": "9"}},
        {"driver": "journald", "options": {"max-size": "1000", "max-file": "1"}},
    ],
)
def test_what_is_not_bounded_is_found(logging: Mapping[str, Any]) -> None:
    assert unbounded({"services": {"api": {"logging": logging}}}) == ["api"]
