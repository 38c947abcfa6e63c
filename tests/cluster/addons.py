# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The objects that a cluster has from the start: DNS and a storage class."""

from __future__ import annotations

import string
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.bunops.platform.tests.cluster.api import Client
from ansible_collections.bunops.platform.tests.cluster.layout import Network

MANIFESTS = Path(__file__).parent / "manifests"


def apply(client: Client, network: Network, nameservers: Sequence[str]) -> None:
    """Apply them all.

    Raises:
        ApiError: the API server refuses one.
    """
    for item in objects(network, nameservers):
        client.apply(item)


def objects(network: Network, nameservers: Sequence[str]) -> list[dict[str, Any]]:
    """All objects. Names outside the cluster are resolved by ``nameservers``, or not at all if there are none."""
    forward = "forward . /etc/resolv.conf" if nameservers else ""
    result: list[dict[str, Any]] = []
    for file in sorted(MANIFESTS.glob("*.yml")):
        text = string.Template(file.read_text()).substitute(dns=network.dns, forward=forward)
        result += [item for item in yaml.safe_load_all(text) if item]
    return result
