# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Fixtures for tests with a real engine: every test gets a project name of its own and leaves nothing behind."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.engine import connect
from ansible_collections.bunops.platform.tests.integration import busybox_image as tiny


@pytest.fixture(scope="session")
def engine() -> Any:
    """A client of the engine that DOCKER_HOST names."""
    return connect()


@pytest.fixture(scope="session")
def busybox_image(engine: Any) -> Iterator[str]:
    """Reference of a 2 MB image with a shell; its default command sleeps for an hour and ends at once when told."""
    # Of this session alone: another one may run beside it.
    reference = f"bunops-test/busybox:{secrets.token_hex(4)}"
    tiny.ensure(engine, reference)
    yield reference
    engine.images.remove(reference, force=True)


@pytest.fixture
def project_name(engine: Any) -> Iterator[str]:
    """A name that no other test uses; everything that carries it or begins with it goes afterwards."""
    name = f"bunops-test-{secrets.token_hex(4)}"
    yield name
    remove_project(engine, name)


def remove_project(engine: Any, name: str) -> None:
    """Remove containers, networks, volumes and image tags of a test project and of those whose names begin like it."""
    # The plain lists: the library's objects ask again for each entry, which others may have removed meanwhile.
    api = engine.api
    for container in api.containers(all=True):
        project = (container["Labels"] or {}).get("com.docker.compose.project", "")
        if project.startswith(name) or any(item.startswith(f"/{name}") for item in container["Names"] or []):
            api.remove_container(container["Id"], force=True, v=True)
    for network in api.networks():
        if network["Name"].startswith(name):
            api.remove_network(network["Id"])
    for volume in api.volumes()["Volumes"] or []:
        if volume["Name"].startswith(name):
            api.remove_volume(volume["Name"], force=True)
    for image in api.images():
        for tag in image["RepoTags"] or []:
            if tag.startswith(name):
                api.remove_image(tag, force=True)
