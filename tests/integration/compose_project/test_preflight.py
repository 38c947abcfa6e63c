# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is in the way is told in one sentence before anything is changed, in check mode too."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.compose_project.conftest import container_ids
from ansible_collections.bunops.platform.tests.integration.run_module import Module


@pytest.fixture
def project(project_name: str, busybox_image: str) -> dict[str, Any]:
    """One service."""
    return {"name": project_name, "services": {"web": {"image": busybox_image, "pull_policy": "never"}}}


@pytest.fixture
def port() -> int:
    """A port that nobody uses at the moment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def refused(module: Module, engine: Any, project: dict[str, Any]) -> str:
    """The message of a run that must not have touched anything, the same in check mode."""
    planned = module.failing(definition=project, check=True)
    result = module.failing(definition=project)
    assert planned["msg"] == result["msg"]
    assert (result["changed"], result["actions"]) == (False, [])
    assert container_ids(engine, project["name"]) == {}
    return str(result["msg"])


def test_port_of_another_container(module: Module, engine: Any, project: dict[str, Any], port: int) -> None:
    project["services"]["web"]["ports"] = [f"127.0.0.1:{port}:80"]
    other = {**project, "name": f"{project['name']}-b"}
    module.ok(definition=other)
    assert refused(module, engine, project) == (
        f"Service web: port 127.0.0.1:{port} is taken by container {other['name']}-web-1 of "
        f"the Compose project {other['name']}."
    )


def test_port_of_a_process(module: Module, engine: Any, project: dict[str, Any], port: int) -> None:
    project["services"]["web"]["ports"] = [f"127.0.0.1:{port}:80"]
    with socket.socket() as server:
        server.bind(("127.0.0.1", port))
        server.listen()
        assert refused(module, engine, project) == (
            f"Service web: port 127.0.0.1:{port} is taken by a process of this host (no container)."
        )
    assert module.ok(definition=project)["services"][0]["ports"] == [
        {"host_ip": "127.0.0.1", "host_port": port, "container_port": 80, "protocol": "tcp"}
    ]
    # Its own port is not in its way when it is recreated.
    project["services"]["web"]["environment"] = {"A": "1"}
    assert module.ok(definition=project)["changed"]


def test_port_moves_to_another_service(module: Module, project: dict[str, Any], port: int) -> None:
    project["services"]["web"]["ports"] = [f"127.0.0.1:{port}:80"]
    module.ok(definition=project)
    project["services"]["web2"] = project["services"].pop("web")
    result = module.ok(definition=project)
    assert {(item["service"], item["action"]) for item in result["actions"]} == {
        ("web", "removed"),
        ("web2", "created"),
    }


def test_address_of_another_host(module: Module, engine: Any, project: dict[str, Any], port: int) -> None:
    project["services"]["web"]["ports"] = [f"192.0.2.77:{port}:80"]
    assert refused(module, engine, project) == "Service web: 192.0.2.77 is not an address of this host."


def test_missing_image(module: Module, engine: Any, project: dict[str, Any]) -> None:
    project["services"]["web"]["image"] = "bunops-test/nonesuch:1"
    assert refused(module, engine, project) == (
        "Service web: image bunops-test/nonesuch:1 is not on this engine: build or load it first; "
        "it is not pulled, because pull_policy is never."
    )


def test_image_that_cannot_be_pulled(module: Module, project: dict[str, Any]) -> None:
    # Nobody serves images at this address.
    project["services"]["web"] = {"image": "127.0.0.1:9/nonesuch:1"}
    result = module.failing(definition=project)
    assert result["msg"].startswith("Not on this engine, and not to be pulled: 127.0.0.1:9/nonesuch:1. Compose could")
    assert not result["changed"]


def test_image_that_was_not_built(module: Module, engine: Any, project: dict[str, Any]) -> None:
    project["services"]["web"] = {"build": {"context": "/nonesuch"}}
    assert refused(module, engine, project) == (
        f"Service web: image {project['name']}-web is not on this engine: build it first."
    )


def test_taken_container_name(module: Module, engine: Any, project: dict[str, Any]) -> None:
    project["services"]["web"]["container_name"] = f"{project['name']}-shared"
    module.ok(definition={**project, "name": f"{project['name']}-b"})
    assert "container name" in refused(module, engine, project)


def test_network_of_another_project(module: Module, engine: Any, project: dict[str, Any]) -> None:
    project["networks"] = {"default": {"name": f"{project['name']}-shared"}}
    module.ok(definition={**project, "name": f"{project['name']}-b"})
    assert "Declare it external to share it." in refused(module, engine, project)
    project["networks"]["default"]["external"] = True
    assert module.ok(definition=project)["changed"]
    assert not module.ok(definition=project)["changed"]


def test_missing_external_resources(module: Module, engine: Any, project: dict[str, Any]) -> None:
    project["networks"] = {"default": {"name": "bunops-test-nonesuch", "external": True}}
    project["volumes"] = {"data": {"name": "bunops-test-nowhere", "external": True}}
    project["services"]["web"]["volumes"] = ["data:/data"]
    message = refused(module, engine, project)
    assert "Network bunops-test-nonesuch is external" in message
    assert "Volume bunops-test-nowhere is external" in message


def test_overlapping_subnet(module: Module, project: dict[str, Any]) -> None:
    subnet = {"ipam": {"config": [{"subnet": "10.251.77.0/24"}]}}
    project["networks"] = {"default": subnet}
    module.ok(definition={**project, "name": f"{project['name']}-b"})
    result = module.failing(definition=project)
    assert result["msg"].startswith("Compose could not finish: failed to create network")
    assert "overlaps" in result["msg"]
    assert "\n" not in result["msg"]


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "unknown key": ({"services": {"web": {"image": "x", "colour": "red"}}}, "colour"),
    "unknown dependency": ({"services": {"web": {"image": "x", "depends_on": ["nobody"]}}}, "nobody"),
    "circle": (
        {"services": {"a": {"image": "x", "depends_on": ["b"]}, "b": {"image": "x", "depends_on": ["a"]}}},
        "cycle",
    ),
    "no image": ({"services": {"web": {"command": ["true"]}}}, "web"),
    "unknown network": ({"services": {"web": {"image": "x", "networks": ["nowhere"]}}}, "nowhere"),
    "wrong type": ({"services": ["web"]}, "services"),
    "missing variable": ({"services": {"web": {"image": "${NONESUCH:?is not set}"}}}, "is not set"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_definition(case: str, module: Module, engine: Any, project_name: str) -> None:
    broken, said = BROKEN[case]
    message = refused(module, engine, {"name": project_name, **broken})
    assert message.startswith("Compose does not accept the definition: ")
    assert said in message


def test_unknown_service(module: Module, project: dict[str, Any]) -> None:
    result = module.failing(definition=project, services=["api"])
    assert result["msg"] == "The definition has no service 'api'; it has 'web'."


def test_no_engine(module: Module, project: dict[str, Any]) -> None:
    result = module.failing(definition=project, docker_host="unix:///run/nonesuch.sock")
    assert result["msg"].startswith("The Docker engine's socket unix:///run/nonesuch.sock does not exist")
