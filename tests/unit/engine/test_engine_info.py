"""What stands in the way of using Docker, read from documents as `docker info` prints them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils import engine_info

HOST = "unix:///nonexistent/docker.sock"
PLUGINS = [{"Name": "buildx", "Version": "0.13.1+ds1"}, {"Name": "compose", "Version": "2.26.1-4"}]


def sentences(info: dict[str, Any]) -> list[str]:
    return [problem.sentence for problem in engine_info.problems(engine_info.read_info(info, HOST), HOST)]


def document(version: str = "26.1.5+dfsg1", plugins: list[dict[str, str]] = PLUGINS) -> dict[str, Any]:
    return {"ServerVersion": version, "SecurityOptions": ["name=seccomp"], "ClientInfo": {"Plugins": plugins}}


def test_a_complete_docker_has_no_problems() -> None:
    assert sentences(document()) == []


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        (
            document(version=""),
            [f"The Docker engine's socket {HOST} does not exist: the engine is not running or not installed."],
        ),
        (
            document(version="20.10.24"),
            [f"The Docker engine at {HOST} is version 20.10.24; expected 25.0 or newer."],
        ),
        (document(plugins=PLUGINS[1:]), ["Docker's buildx plugin is not installed."]),
        (
            document(plugins=[PLUGINS[0], {"Name": "compose", "Version": "v2.3.3"}]),
            ["Docker's compose plugin is version v2.3.3; expected 2.24 or newer."],
        ),
        (
            document(plugins=[PLUGINS[0], {"Name": "compose", "Version": "", "Err": "no exec"}]),
            ["Docker's compose plugin is not installed."],
        ),
    ],
)
def test_each_problem_is_one_sentence(info: dict[str, Any], expected: list[str]) -> None:
    assert sentences(info) == expected


def test_without_the_command_line_nothing_else_is_said() -> None:
    found = engine_info.Found(False, "", "The program 'docker' is not installed.", "missing", {}, False, "")
    assert engine_info.problems(found, HOST) == [
        ("cli", "missing", "The program 'docker' is not installed."),
    ]
