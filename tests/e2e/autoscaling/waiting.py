# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Waits for what a namespace's Deployments do; one that takes too long shows who scales them."""

from __future__ import annotations

import time
from collections.abc import Callable

from ansible_collections.bunops.platform.tests.integration.cluster.kubectl import Namespace


def until(namespace: Namespace, holds: Callable[[], bool], limit: float) -> float:
    """Seconds until something holds."""
    started = time.monotonic()
    end = started + limit
    while not holds():
        assert time.monotonic() < end, _described(namespace)
        time.sleep(0.1)
    return time.monotonic() - started


def stays(namespace: Namespace, holds: Callable[[], bool], seconds: float) -> None:
    """That something holds all the time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert holds(), _described(namespace)
        time.sleep(0.2)


def replicas(namespace: Namespace, name: str, field: str = "status.readyReplicas") -> int:
    """How many of a Deployment are ready, or what another field says."""
    return int(namespace.run("get", "deployment", name, f"--output=jsonpath={{.{field}}}") or 0)


def _described(namespace: Namespace) -> str:
    # Without KEDA there is no such kind.
    scaled = namespace.kubectl.attempt(f"--namespace={namespace.name}", "describe", "scaledobject").stdout
    return scaled + namespace.run("describe", "hpa,deployment")
