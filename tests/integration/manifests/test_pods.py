# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Real pods of rendered objects find what the catalog promises, in images of both common shapes."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.cluster import Cluster
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.render import manifests

LIMIT = 90.0
VALUE = "a value with $ and spaces"
ODD = "a$(HOME) $$b ${c}"
ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
# Ends with 1 at the first thing that is not as promised; else it answers requests, and so gets ready.
SCRIPT = f"""
set -eu
test "$(busybox id -u):$(busybox id -g)" = 1000:1000
test "$(cat "$API_KEY_FILE")" = '{VALUE}'
test "$ODD" = '{ODD}'
test "$1" = '{ODD}'
test -s {ACCOUNT}/token
test -s {ACCOUNT}/ca.crt
test "$(cat {ACCOUNT}/namespace)" = "${{TASKS_NAMESPACE%-tasks}}"
if touch /etc/x; then exit 1; fi
if touch /run/secrets/x; then exit 1; fi
echo fine > /tmp/health
exec busybox httpd -f -p "$PORT" -h /tmp
"""


@pytest.fixture(scope="module")
def client(cluster: Any) -> Iterator[Client]:
    with Client.connect(Options(kubeconfig=str(cluster.kubeconfig))) as connected:
        yield connected


@pytest.fixture(scope="module")
def images(cluster: Any, engine: Any, busybox_image: str) -> Mapping[str, str]:
    """An image where /var/run is a link to /run, as in most, and one that has neither. By what it is called here."""
    if cluster.registry is None:
        # A cluster of others has a registry of others.
        return {"linked": "docker.io/library/debian:bookworm", "bare": "docker.io/library/busybox:1.37"}
    command = ["sh", "-c", "busybox mkdir /var /run && busybox ln -s /run /var/run"]
    container = engine.containers.run(busybox_image, command, detach=True)
    container.wait(timeout=30)
    variants = {"linked": container.commit(), "bare": engine.images.get(busybox_image)}
    container.remove()
    return {name: _pushed(engine, image, f"{cluster.registry}/bunops-test/{name}") for name, image in variants.items()}


def _pushed(engine: Any, image: Any, repository: str) -> str:
    tag = secrets.token_hex(4)
    image.tag(repository, tag)
    for answer in engine.images.push(repository, tag=tag, stream=True, decode=True):
        assert "error" not in answer, answer
    engine.images.remove(f"{repository}:{tag}")
    return f"{repository}:{tag}"


@pytest.fixture
def platform(images: Mapping[str, str]) -> Platform:
    services = {
        name: {
            "image": {"ref": image},
            "command": ["sh", "-c", SCRIPT, "sh", ODD],
            "port": port,
            "env": {"ODD": ODD},
            "secrets": ["API_KEY"],
            "starts": {"job": {}},
            "stop_after": "30s",
            "health": {"http": "/health", "start_period": "5s", "interval": "1s"},
        }
        for port, (name, image) in enumerate(images.items(), start=80)
    }
    return Platform.parse(
        {
            "name": f"bunops-pods-{secrets.token_hex(4)}",
            "services": services,
            "tasks": {"job": {"image": {"ref": images["bare"]}}},
            "secrets": {"API_KEY": {"env": "API_KEY"}},
        }
    )


def test_programs_find_what_the_catalog_promises(client: Client, platform: Platform) -> None:
    objects = manifests(platform, Cluster(platform.name))
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "api-key", "namespace": platform.name},
        "stringData": {"API_KEY": VALUE},
    }
    namespaces = [item for item in objects if item["kind"] == "Namespace"]
    try:
        for item in [*namespaces, secret, *objects]:
            _apply(client, item)
        _wait_until_ready(client, platform)
    finally:
        for item in namespaces:
            client.delete("v1", "Namespace", None, item["metadata"]["name"])


def _apply(client: Client, item: dict[str, Any]) -> None:
    metadata = item["metadata"]
    path = client.path(item["apiVersion"], item["kind"], metadata.get("namespace"), metadata["name"])
    query = {"fieldManager": "bunops-test", "fieldValidation": "Strict"}
    client.request("PATCH", path, body=item, query=query, content_type=APPLY)


def _wait_until_ready(client: Client, platform: Platform) -> None:
    end = time.monotonic() + LIMIT
    while True:
        waiting = [
            name
            for name in platform.services
            if not (client.get("apps/v1", "Deployment", platform.name, name) or {})["status"].get("readyReplicas")
        ]
        if not waiting:
            return
        assert time.monotonic() < end, f"{waiting} did not get ready: {_statuses(client, platform.name)}"
        time.sleep(0.5)


def _statuses(client: Client, namespace: str) -> list[Any]:
    return [pod["status"].get("containerStatuses") for pod in client.list("v1", "Pod", namespace)]
