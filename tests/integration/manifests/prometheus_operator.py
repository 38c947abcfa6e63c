# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The Prometheus Operator's own definitions of its kinds, from its Go module. The operator itself does not run."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import yaml

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, Client
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import eventually

REFERENCE = "github.com/prometheus-operator/prometheus-operator@v0.94.1"
# As go.sum has it.
CHECKSUM = "h1:QEIb2wenPH+SdMN1xMf8l4Pmj00YYXXI6HlbLlQWkww="
API_VERSION = "monitoring.coreos.com/v1"
KINDS = ("PodMonitor", "PrometheusRule")
_CRD = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")


@contextlib.contextmanager
def installed(admin: Client) -> Iterator[None]:
    """Have the kinds in the cluster."""
    folder = source() / "example/prometheus-operator-crd"
    files = [folder / f"monitoring.coreos.com_{kind.lower()}s.yaml" for kind in KINDS]
    definitions = [yaml.safe_load(file.read_text()) for file in files]
    names = [item["metadata"]["name"] for item in definitions]
    try:
        for name, item in zip(names, definitions, strict=True):
            admin.request(
                "PATCH", admin.path(*_CRD, None, name), item, {"fieldManager": "tests", "force": "true"}, APPLY
            )
        eventually(lambda: serves(admin, *KINDS) or None, 30)
        yield
    finally:
        for name in names:
            admin.delete(*_CRD, None, name)
        eventually(lambda: None if any(serves(admin, kind) for kind in KINDS) else True, 60)


def serves(admin: Client, *kinds: str) -> bool:
    """Whether the cluster serves all of them."""
    found = admin.discovery(fresh=True)
    return all(found.serves(API_VERSION, kind) for kind in kinds)


def source() -> Path:
    """The folder of the module's source."""
    done = subprocess.run(
        ["go", "mod", "download", "-json", REFERENCE], cwd="/", capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["Sum"] == CHECKSUM, found["Sum"]
    return Path(found["Dir"])
