# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A cluster of these tests' own, an image in its registry, and a namespace a test."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.cluster import Cluster
from ansible_collections.bunops.platform.tests.integration.cluster.kubectl import Kubectl, Namespace


@pytest.fixture(scope="session")
def own() -> Iterator[Cluster]:
    """A cluster that nobody else uses."""
    root = Path(tempfile.mkdtemp(prefix="bunops-cluster-"))
    with Cluster.start(root, audit=True) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def image(own: Cluster, engine: Any, busybox_image: str) -> Iterator[str]:
    """A tiny image in the cluster's registry, by digest."""
    repository = f"{own.registry}/busybox"
    engine.images.get(busybox_image).tag(repository, tag="1")
    answers = list(engine.images.push(repository, tag="1", stream=True, decode=True))
    engine.images.remove(f"{repository}:1")
    assert not [answer for answer in answers if "error" in answer], answers
    digest = next(answer["aux"]["Digest"] for answer in answers if "aux" in answer)
    yield f"{repository}@{digest}"


@pytest.fixture
def namespace(own: Cluster) -> Iterator[Namespace]:
    """A namespace with Pod Security `restricted`."""
    kubectl = Kubectl(own)
    name = f"test-{secrets.token_hex(4)}"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
    # Pods are refused until the controller manager has made it; that one may just have been started again.
    kubectl.until_it_answers("get", "serviceaccount", "default", f"--namespace={name}")
    yield Namespace(kubectl, name)
    kubectl.run("delete", "namespace", name, "--wait=false")
