# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Traefik's kinds of objects in a cluster, for as long as tests need them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.bunops.platform.tests.integration.run_module import Module
from ansible_collections.bunops.platform.tests.policy import tools


@contextlib.contextmanager
def traefik_kinds(kubeconfig: Path) -> Iterator[None]:
    """Within the block they are served."""
    options = {"name": "bunops-test-traefik-kinds", "namespace": "default", "kubeconfig": str(kubeconfig)}
    Module("k8s_set").ok(**options, objects=tools.traefik_kinds())
    yield
    Module("k8s_set").ok(**options, state="absent")
