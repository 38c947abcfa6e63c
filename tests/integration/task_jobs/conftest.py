# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A cluster with all that the example worker needs to start tasks in it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.tests.integration.task_jobs import objects

_CA_LIMIT = 20.0


@dataclass(frozen=True)
class Tasks:
    """url: of the API server; account: the folder with the worker's token; full: a namespace whose quota is used up."""

    url: str
    account: Path
    namespace: str
    full: str


@pytest.fixture(scope="session")
def client(cluster: Any) -> Iterator[Client]:
    """The cluster's administrator."""
    with Client.connect(Options(kubeconfig=str(cluster.kubeconfig))) as connected:
        yield connected


@pytest.fixture(scope="session")
def image(cluster: Any, engine: Any, busybox_image: str) -> str:
    """Reference of an image with a shell that the cluster can pull."""
    if cluster.registry is None:
        # A cluster of others has a registry of others.
        return "docker.io/library/busybox:1.37"
    repository, tag = f"{cluster.registry}/bunops-test/tasks", secrets.token_hex(4)
    engine.images.get(busybox_image).tag(repository, tag)
    for line in engine.api.push(repository, tag, stream=True, decode=True):
        assert "error" not in line, line
    engine.images.remove(f"{repository}:{tag}")
    return f"{repository}:{tag}"


@pytest.fixture
def tasks(client: Client, image: str, tmp_path: Path) -> Iterator[Tasks]:
    """Namespaces of the test's own."""
    name = f"bunops-jobs-{secrets.token_hex(4)}"
    platform, place, full = name, f"{name}-tasks", f"{name}-full"
    registry = image.rpartition("/bunops-test/")[0] or "registry.invalid"
    _apply(client, *map(objects.namespace, (platform, place, full)), objects.account(platform))
    _apply(client, *objects.rights(place, platform), *objects.rights(full, platform), objects.full(full))
    _apply(client, objects.template("task", place, image), objects.template("task", full, image))
    _apply(client, objects.template("missing-image", place, f"{registry}/bunops-test/missing:1"))
    _apply(client, objects.template("unschedulable", place, image, nodeSelector={"bunops.platform/none": "true"}))
    _write_account(client, platform, tmp_path)
    yield Tasks(client.host, tmp_path, place, full)
    for created in (platform, place, full):
        client.request("DELETE", client.path("v1", "Namespace", None, created))


def _apply(client: Client, *items: objects.Object) -> None:
    for item in items:
        metadata = item["metadata"]
        path = client.path(item["apiVersion"], item["kind"], metadata.get("namespace"), metadata["name"])
        query = {"fieldManager": "bunops-test", "fieldValidation": "Strict"}
        client.request("PATCH", path, body=item, query=query, content_type=APPLY)


def _write_account(client: Client, platform: str, folder: Path) -> None:
    """The files that a pod of the worker would find."""
    request = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"expirationSeconds": 3600},
    }
    path = client.path("v1", "ServiceAccount", platform, objects.WORKER)
    answer = client.request("POST", f"{path}/token", body=request)
    (folder / "token").write_text(answer["status"]["token"], encoding="utf-8")
    limit = time.monotonic() + _CA_LIMIT
    while (certificates := client.get("v1", "ConfigMap", platform, "kube-root-ca.crt")) is None:
        assert time.monotonic() < limit, "the controller manager does not publish its CA"
        time.sleep(0.2)
    (folder / "ca.crt").write_text(certificates["data"]["ca.crt"], encoding="utf-8")
