# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The deployed platform's edge, as its cluster has it: the given certificate, and where it is met."""

from __future__ import annotations

import base64
import datetime
from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY
from ansible_collections.bunops.platform.plugins.module_utils.secrets import certificate
from ansible_collections.bunops.platform.tests.e2e.edge.client import Client, Place
from ansible_collections.bunops.platform.tests.e2e.kubernetes.deployment import HOST, SECRET, Deployment
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import eventually

_PROXIES = "envoy-gateway-system"
_LIMIT = 60


def client_of(deployment: Deployment, directory: Path) -> Client:
    """Once the edge serves with the certificate that is given to it here."""
    made = certificate.make([HOST], datetime.datetime.now(datetime.UTC))
    authority = directory / "authority.pem"
    authority.write_bytes(made[certificate.AUTHORITY])
    _give(deployment, made[certificate.CERTIFICATE], made[""])
    place = Place(HOST, eventually(lambda: _address(deployment), _LIMIT))
    client = Client(authority, place)
    eventually(lambda: _serves(client), _LIMIT, pause=0.5)
    return client


def _give(deployment: Deployment, chain: bytes, key: bytes) -> None:
    data = {"tls.crt": base64.b64encode(chain).decode(), "tls.key": base64.b64encode(key).decode()}
    metadata = {"name": SECRET, "namespace": deployment.namespace}
    item = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "kubernetes.io/tls", "data": data}
    path = deployment.client.path("v1", "Secret", deployment.namespace, SECRET)
    query = {"fieldManager": "bunops-tests", "force": "true"}
    deployment.client.request("PATCH", path, body=item, query=query, content_type=APPLY)


def _address(deployment: Deployment) -> str | None:
    """Of the proxies' Service, which the machine that runs the cluster reaches; once the Gateway is programmed."""
    gateway = deployment.client.get("gateway.networking.k8s.io/v1", "Gateway", deployment.namespace, "edge")
    if gateway is None or not _holds(gateway["status"], "Programmed"):
        return None
    labels = f"gateway.envoyproxy.io/owning-gateway-namespace={deployment.namespace}"
    found = [
        each["spec"]["clusterIP"] for each in deployment.client.list("v1", "Service", _PROXIES, label_selector=labels)
    ]
    return found[0] if found else None


def _holds(status: dict[str, Any], kind: str) -> bool:
    return any(each["type"] == kind and each["status"] == "True" for each in status.get("conditions", []))


def _serves(client: Client) -> bool | None:
    try:
        return client.get("/v1/jobs", "198.51.100.250").status == 200 or None
    except OSError:
        return None
