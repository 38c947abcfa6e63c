# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Fixtures for waits on a real cluster."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client, Limits
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.tests.integration.k8s_wait import cases, recording

# Waits do nothing most of the time.
_AT_ONCE = 16


@pytest.fixture(scope="session")
def client(cluster: Any) -> Iterator[Client]:
    """A client of the cluster."""
    with Client.connect(Options(kubeconfig=str(cluster.kubeconfig)), Limits(connections=_AT_ONCE)) as connected:
        yield connected


@pytest.fixture(scope="session")
def image(cluster: Any, engine: Any, busybox_image: str) -> str:
    """Reference of an image with a shell that the cluster can pull."""
    if cluster.registry is None:
        # A cluster of others has a registry of others.
        return "docker.io/library/busybox:1.37"
    return pushed(engine, busybox_image, cluster.registry)


def pushed(engine: Any, image: str, registry: str, name: str = "busybox") -> str:
    """Reference of an image in a cluster's registry."""
    reference, tag = f"{registry}/bunops-test/{name}", secrets.token_hex(4)
    engine.images.get(image).tag(reference, tag)
    for line in engine.api.push(reference, tag, stream=True, decode=True):
        assert "error" not in line, line
    engine.images.remove(f"{reference}:{tag}")
    return f"{reference}:{tag}"


@pytest.fixture
def namespace(client: Client) -> Iterator[str]:
    """A namespace of the test's own."""
    name = f"bunops-wait-{secrets.token_hex(4)}"
    cases.create_namespace(client, name, {})
    yield name
    cases.remove(client, "v1", "Namespace", name)


@pytest.fixture(scope="session")
def outcome_of(request: pytest.FixtureRequest, client: Client, image: str) -> Iterator[Callable[[str], cases.Outcome]]:
    """The outcome of a case; those of this session run side by side."""
    wanted = {name for item in request.session.items for name in _case_names(item)}
    run_id = secrets.token_hex(3)
    started: dict[str, Future[cases.Outcome]] = {}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for name in sorted(wanted):
            case = cases.load(name, f"bunops-wait-{run_id}-{name.replace('_', '-')}", image)
            started[name] = pool.submit(_run, client, case, name)
        yield lambda name: started[name].result()


def _case_names(item: pytest.Item) -> list[str]:
    params = getattr(getattr(item, "callspec", None), "params", {})
    return [params["case_name"]] if "case_name" in params else []


def _run(client: Client, case: cases.Case, name: str) -> cases.Outcome:
    folder = os.environ.get("BUNOPS_RECORD")
    try:
        outcome = cases.run(client, case)
        if folder:
            # The events that belong to the last state are written a moment after it.
            time.sleep(1)
            recording.write(client, case, Path(folder), name)
        return outcome
    finally:
        cases.clean(client, case)
