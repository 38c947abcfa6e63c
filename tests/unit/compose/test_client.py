# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Whole commands as text."""

from __future__ import annotations

from ansible_collections.bunops.platform.plugins.module_utils.compose import client

DICTIONARY = client.Source("atlas", "/", True, ["/srv/.env", "/srv/.env.local"])
FILES = client.Source(None, "/srv/shop", False)


def text(argv: list[str]) -> str:
    return " ".join(argv)


def test_commands() -> None:
    start = "docker compose --progress quiet"
    assert text(client.config_args(FILES)) == f"{start} --project-directory /srv/shop config --format json"
    assert text(client.config_args(DICTIONARY)) == (
        f"{start} --project-name atlas --project-directory / --env-file /srv/.env --env-file /srv/.env.local --file - "
        "config --format json"
    )
    assert text(client.profiled_services_args(FILES)) == (
        f"{start} --profile * --project-directory /srv/shop config --services"
    )
    resolved = client.resolved(FILES, "shop")
    prefix = f"{start} --project-name shop --project-directory /srv/shop --file -"
    assert text(client.hash_args(resolved)) == f"{prefix} config --hash *"
    assert text(client.up_args(resolved, ["api", "web"], recreate=False)) == (
        f"{prefix} up --no-build --no-deps --no-recreate --detach api web"
    )
    assert text(client.up_args(resolved, ["api"], recreate=True, start=False)) == (
        f"{prefix} up --no-build --no-deps --force-recreate --no-start api"
    )
    assert text(client.pull_args(resolved, ["api"])) == f"{prefix} pull --quiet api"
    assert text(client.stop_args("shop", ["api"])) == f"{start} --project-name shop stop api"
    assert text(client.remove_args("shop", ["api"])) == f"{start} --project-name shop rm --stop --force api"
    assert text(client.down_args("shop", False)) == f"{start} --project-name shop down --remove-orphans"
    assert text(client.down_args("shop", True)) == f"{start} --project-name shop down --remove-orphans --volumes"


def test_the_command_line_talks_to_the_same_engine() -> None:
    env = client.environment("unix:///x.sock", {"PATH": "/bin", "DOCKER_CONTEXT": "other", "DOCKER_HOST": "tcp://y"})
    assert env["DOCKER_HOST"] == "unix:///x.sock"
    assert "DOCKER_CONTEXT" not in env
    assert env["COMPOSE_REMOVE_ORPHANS"] == "false"
    assert client.environment(None, {})["DOCKER_HOST"] == "unix:///var/run/docker.sock"
