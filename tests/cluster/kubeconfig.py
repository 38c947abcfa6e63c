# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Kubeconfig files, with everything inside so that they can be copied."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import yaml

from ansible_collections.bunops.platform.tests.cluster.layout import Layout, Network

COMPONENTS = ("kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet")


def make(layout: Layout, network: Network) -> None:
    """Write the administrator's kubeconfig and those of the components."""
    _write(layout.kubeconfig, _text(layout, network, "admin"))
    for name in COMPONENTS:
        _write(layout.kubeconfig_of(name), _text(layout, network, name))


def _text(layout: Layout, network: Network, user: str) -> str:
    cluster = {
        "server": f"https://{network.node}:6443",
        "certificate-authority-data": _encoded(layout.certificate("ca")),
    }
    credentials = {
        "client-certificate-data": _encoded(layout.certificate(user)),
        "client-key-data": _encoded(layout.key(user)),
    }
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "bunops", "cluster": cluster}],
        "users": [{"name": user, "user": credentials}],
        "contexts": [{"name": "bunops", "context": {"cluster": "bunops", "user": user}}],
        "current-context": "bunops",
    }
    return yaml.safe_dump(config, sort_keys=False)


def _encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
