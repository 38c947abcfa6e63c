# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""From Compose's resolved definition to typed services, and back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.compose.definition import (
    document_to_apply,
    document_to_hash,
    environment_names,
)
from ansible_collections.bunops.platform.plugins.module_utils.compose.model import DEFINITION_LABEL, Port
from ansible_collections.bunops.platform.tests.unit.compose.support import observed_of, project_of


def service(**settings: Any) -> Any:
    """The typed form of one service."""
    return project_of({"services": {"api": settings}}).services["api"]


@pytest.mark.parametrize(
    ("settings", "scale"),
    [({}, 1), ({"scale": 0}, 0), ({"scale": 3}, 3), ({"deploy": {"replicas": 2}}, 2), ({"deploy": {"replicas": 0}}, 0)],
)
def test_scale(settings: dict[str, Any], scale: int) -> None:
    assert service(**settings).scale == scale


@pytest.mark.parametrize(
    ("settings", "long_running"),
    [
        ({}, False),
        ({"restart": "on-failure:3"}, False),
        ({"restart": "always"}, True),
        ({"restart": "unless-stopped"}, True),
        ({"deploy": {"restart_policy": {"condition": "any"}}}, True),
        ({"healthcheck": {"test": ["CMD", "true"]}}, True),
        ({"healthcheck": {"disable": True}}, False),
        ({"ports": [{"target": 80, "published": "8080"}]}, True),
    ],
)
def test_what_keeps_running(settings: dict[str, Any], long_running: bool) -> None:
    assert service(**settings).long_running is long_running


def test_what_others_wait_for_to_complete_does_not_keep_running() -> None:
    project = project_of(
        {
            "services": {
                "migrate": {"healthcheck": {"test": ["CMD", "true"]}},
                "api": {"depends_on": {"migrate": {"condition": "service_completed_successfully"}}},
            }
        }
    )
    assert not project.services["migrate"].long_running


def test_ports_with_one_fixed_host_port() -> None:
    ports = [
        {"target": 80, "published": "8080", "host_ip": "127.0.0.1", "protocol": "tcp"},
        {"target": 81},
        {"target": 82, "published": "8000-8010"},
        {"target": 53, "published": "53", "protocol": "udp"},
    ]
    assert service(ports=ports).ports == (Port("127.0.0.1", 8080, 80, "tcp"), Port("", 53, 53, "udp"))


def test_image_of_a_built_service() -> None:
    api = project_of({"services": {"api": {"image": None, "build": {"context": "."}}}}).services["api"]
    assert (api.image, api.pullable) == ("atlas-api", False)


def test_references() -> None:
    found = service(network_mode="service:db", pid="service:agent", volumes_from=["data:ro", "container:x"])
    assert found.references == {"db": "network_mode", "agent": "pid", "data": "volumes_from"}


def test_settings_hold_no_secrets_and_no_noise() -> None:
    settings = service(
        command=None,
        ulimits={},
        environment={
            "API_TOKEN": "abc123",
            "EMPTY_TOKEN": "",
            "TOKEN_FILE": "/run/t",
            "DB_URL": "postgres://u:p4ss@db/x",
        },
        labels={DEFINITION_LABEL: "{}", "a": "b"},
        volumes=[{"type": "tmpfs", "target": "/x", "tmpfs": {}}],
    ).settings
    assert set(settings) == {"image", "environment", "labels", "volumes", "networks"}
    assert settings["environment"]["API_TOKEN"].startswith("secret:")
    assert settings["environment"]["EMPTY_TOKEN"] == ""
    assert settings["environment"]["TOKEN_FILE"] == "/run/t"
    assert settings["environment"]["DB_URL"].startswith("postgres://secret:")
    assert settings["labels"] == {"a": "b"}
    assert settings["volumes"] == [{"type": "tmpfs", "target": "/x"}]
    assert "p4ss" not in json.dumps(settings)
    assert "abc123" not in json.dumps(settings)


def test_equal_secrets_of_two_services_look_different() -> None:
    project = project_of({"services": {name: {"environment": {"TOKEN": "same"}} for name in ("a", "b")}})
    values = {item.settings["environment"]["TOKEN"] for item in project.services.values()}
    assert len(values) == 2


def test_dollars_survive_the_way_back() -> None:
    project = project_of({"services": {"api": {"environment": {"PRICE": "$$5"}, "profiles": ["x"]}}})
    assert project.services["api"].settings["environment"]["PRICE"] == "$5"
    applied = document_to_apply(project)["services"]["api"]
    assert applied["environment"]["PRICE"] == "$$5"
    assert '"PRICE":"$$5"' in applied["labels"][DEFINITION_LABEL]
    assert "profiles" not in applied


def test_what_another_tool_made_stays_without_our_label() -> None:
    project = project_of({"services": {"api": {"labels": {"a": "b"}}, "db": {}}, "volumes": {"data": {"driver": "x"}}})
    applied = document_to_apply(project, unlabelled=["api"], keep_volumes=["data"])
    assert applied["services"]["api"]["labels"] == {"a": "b"}
    assert DEFINITION_LABEL in applied["services"]["db"]["labels"]
    assert applied["volumes"] == {"data": {"name": "atlas_data", "external": True}}


def test_references_are_hashed_as_compose_does() -> None:
    project = project_of({"services": {"db": {}, "side": {"network_mode": "service:db"}}})
    containers = {name: observed_of(project).of(name)[0] for name in project.services}
    assert document_to_hash(project, containers)["services"]["side"]["network_mode"] == "container:db-1"


def test_variables_behind_configs_and_secrets() -> None:
    document = {"configs": {"a": {"environment": "B"}, "c": {"content": "x"}}, "secrets": {"d": {"environment": "A"}}}
    assert environment_names(document) == ["A", "B"]


def test_one_source_mounted_twice() -> None:
    project = project_of(
        {
            "services": {"api": {"configs": [{"source": "c", "target": "/a"}, {"source": "c", "target": "/b"}]}},
            "configs": {"c": {"content": "x"}},
        }
    )
    configs = project.services["api"].settings["configs"]
    assert list(configs) == ["c", "c at /b"]
    assert configs["c"]["content"] == configs["c at /b"]["content"]


def test_contents_of_secrets_are_known_for_masking_only() -> None:
    project = project_of(
        {
            "services": {"api": {"secrets": [{"source": "key"}], "configs": [{"source": "rules"}]}},
            "secrets": {"key": {"content": "-----BEGIN-----\nline-of-a-key\nab\n"}},
            "configs": {"rules": {"content": "not a secret"}},
        }
    )
    assert project.secrets == ("-----BEGIN-----", "line-of-a-key")
    assert "line-of-a-key" not in repr(project.services)
    assert "line-of-a-key" not in project.services["api"].definition
