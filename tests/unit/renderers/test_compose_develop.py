# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The project to develop on: what runs in production, but for what lets edits in."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from hypothesis import given, settings

from ansible_collections.bunops.platform.plugins.filter.compose_develop import compose_develop as the_filter
from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.bake import bake
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.compose import compose
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.compose_develop import compose_develop
from ansible_collections.bunops.platform.tests.unit.renderers.cases import BUILD_HOST, CASES, GOLDEN, HOST, platform_of
from ansible_collections.bunops.platform.tests.unit.renderers.catalog_strategy import catalogs

# What a service that is developed has otherwise than in production.
DIFFERENT = {"build", "cpus", "develop", "environment", "image", "read_only", "user", "volumes"}


def rendered(platform: Platform, sources: str) -> dict[str, Any]:
    return dict(compose_develop(platform, HOST, BUILD_HOST, sources))


def in_production(platform: Platform) -> dict[str, Any]:
    return dict(compose(platform, HOST))


def check_the_rest_is_production(platform: Platform, sources: str) -> None:
    here, there = rendered(platform, sources), in_production(platform)
    for part in ("name", "networks", "volumes"):
        assert here[part] == there[part]
    assert {key: here["secrets"][key] for key in there["secrets"]} == there["secrets"]
    for name, service in there["services"].items():
        developed = here["services"][name]
        differing = {key for key in {*service, *developed} if service.get(key) != developed.get(key)}
        assert differing <= (DIFFERENT if name in platform.services else {"build", "develop"}), name
        assert service["user"] in (developed["user"], f"{developed['user']}:1000")
    tags = {tag for target in bake(platform, BUILD_HOST, develop=True)["target"].values() for tag in target["tags"]}
    assert {service["image"] for service in here["services"].values() if service.get("pull_policy") == "never"} == tags


@pytest.mark.parametrize("sources", ["mount", "sync"])
@pytest.mark.parametrize("case", CASES)
def test_nothing_else_differs(case: str, sources: str) -> None:
    check_the_rest_is_production(platform_of(case), sources)


@settings(max_examples=20)
@given(catalogs())
def test_nothing_else_differs_in_any_catalog(raw: dict[str, object]) -> None:
    for sources in ("mount", "sync"):
        check_the_rest_is_production(Platform.parse(raw), sources)


def test_mounted_sources_cannot_be_written_to() -> None:
    api = rendered(platform_of("reference"), "mount")["services"]["api"]
    assert api["read_only"] is True
    assert [(volume["source"], volume["target"]) for volume in api["volumes"]] == [
        ("/srv/project/examples/platform/api/src", "/app/api/src"),
        ("/srv/project/examples/platform/shared/src", "/app/shared/src"),
    ]
    assert all(volume["read_only"] for volume in api["volumes"])
    assert "develop" not in api


def test_synced_sources_can() -> None:
    api = rendered(platform_of("reference"), "sync")["services"]["api"]
    assert (api["read_only"], api.get("volumes")) == (False, None)
    assert [(rule["action"], rule.get("target")) for rule in api["develop"]["watch"]] == [
        ("sync", "/app/api/src"),
        ("sync", "/app/shared/src"),
    ]


def test_a_mount_of_the_whole_context_would_hide_what_is_installed() -> None:
    greeter = rendered(platform_of("minimal"), "mount")["services"]["greeter"]
    assert (greeter["read_only"], greeter.get("volumes")) == (False, None)
    assert greeter["develop"]["watch"][0]["target"] == "/app"


def test_the_guard_keeps_its_way_in_to_the_worker() -> None:
    worker = rendered(platform_of("reference"), "mount")["services"]["worker"]
    assert worker["volumes"][0] == in_production(platform_of("reference"))["services"]["worker"]["volumes"][0]


def test_another_way_is_refused() -> None:
    raw = yaml.safe_load((GOLDEN / "minimal/platform.yml").read_text())
    with pytest.raises(AnsibleFilterError, match="sources: 'copy', expected one of mount, sync"):
        the_filter(raw, project_dir="/srv", secrets_dir="/srv/secrets", sources="copy")


def test_the_image_of_a_task_is_built_anew() -> None:
    fetcher = rendered(platform_of("reference"), "mount")["services"]["fetcher"]
    assert {rule["action"] for rule in fetcher["develop"]["watch"]} == {"rebuild"}
    assert [rule["path"].removeprefix("/srv/project/examples/platform/") for rule in fetcher["develop"]["watch"]] == [
        "bun.lock",
        "fetcher/src",
        "shared/src",
    ]
