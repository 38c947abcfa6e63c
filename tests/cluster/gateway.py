# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The kinds of objects that a cluster's edge is made of: of the Gateway API, Envoy Gateway and cert-manager."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.bunops.platform.tests.cluster import installation, programs
from ansible_collections.bunops.platform.tests.cluster.api import Client


def install_kinds(kubeconfig: Path) -> None:
    """Have them in a running cluster, without anybody who acts on them.

    Raises:
        BuildError: they cannot be had.
        ApiError: the API server refuses one.
    """
    client = Client(kubeconfig)
    for item in kinds():
        client.apply(item)


def kinds() -> Iterator[dict[str, Any]]:
    """The CustomResourceDefinitions.

    Raises:
        BuildError: they cannot be had.
    """
    # Megabytes of text: seconds without libyaml.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for module in (programs.GATEWAY_KINDS, programs.CERT_MANAGER_KINDS):
        for name in module.manifests:
            file = programs.provide(installation.say, module) / name
            yield from (item for item in yaml.load_all(file.read_text(), loader) if item)
