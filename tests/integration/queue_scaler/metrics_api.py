# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A metrics adapter that says what a test wants: the API server hands external.metrics.k8s.io on to this process."""

from __future__ import annotations

import contextlib
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.tests.integration.queue_scaler.stage import Answers, eventually

GROUP = "/apis/external.metrics.k8s.io/v1beta1"
NAME = "v1beta1.external.metrics.k8s.io"
PLACE = "kube-system/test-adapter"


class MetricsApi:
    """value() sets what a metric of a namespace is."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        answers.answers[GROUP] = (200, {"kind": "APIResourceList", "apiVersion": "v1", "resources": []})

    def value(self, namespace: str, metric: str, value: int) -> None:
        """Have a metric of one series."""
        item = {"metricName": metric, "metricLabels": {}, "timestamp": "2026-11-01T00:00:00Z", "value": str(value)}
        path = f"{GROUP}/namespaces/{namespace}/{metric}"
        kind = {"kind": "ExternalMetricValueList", "apiVersion": "external.metrics.k8s.io/v1beta1", "metadata": {}}
        self._answers.answers[path] = (200, {**kind, "items": [item]})


@contextlib.contextmanager
def serving(client: Client, address: str, folder: Path) -> Iterator[MetricsApi]:
    """An adapter that the API server takes for available."""
    answers = Answers(address, _context(folder))
    api = MetricsApi(answers)
    namespace, name = PLACE.split("/")
    items = [_service(name), _slice(name, address, answers.server_port), _registration(namespace, name)]
    paths = [client.path(item["apiVersion"], item["kind"], namespace) for item in items]
    try:
        for path, item in zip(paths, items, strict=True):
            client.request("POST", path, item)
        eventually(lambda: _is_available(client))
        yield api
    finally:
        for path, item in zip(paths, items, strict=True):
            client.request("DELETE", f"{path}/{item['metadata']['name']}")
        answers.close()


def _context(folder: Path) -> ssl.SSLContext:
    key, certificate = folder / "adapter.key", folder / "adapter.crt"
    made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]
    files = ["-keyout", str(key), "-out", str(certificate), "-subj", "/CN=adapter"]
    subprocess.run(["openssl", *made, *files], check=True, capture_output=True, timeout=30)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def _service(name: str) -> dict[str, Any]:
    ports = [{"port": 443, "protocol": "TCP"}]
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": {"ports": ports}}


def _slice(name: str, address: str, port: int) -> dict[str, Any]:
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": name, "labels": {"kubernetes.io/service-name": name}},
        "addressType": "IPv4",
        "ports": [{"name": "", "port": port, "protocol": "TCP"}],
        "endpoints": [{"addresses": [address], "conditions": {"ready": True}}],
    }


def _registration(namespace: str, name: str) -> dict[str, Any]:
    return {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": NAME},
        "spec": {
            "group": "external.metrics.k8s.io",
            "version": "v1beta1",
            "service": {"namespace": namespace, "name": name},
            "insecureSkipTLSVerify": True,
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
        },
    }


def _is_available(client: Client) -> bool:
    states = (client.get("apiregistration.k8s.io/v1", "APIService", None, NAME) or {}).get("status") or {}
    return any(state["type"] == "Available" and state["status"] == "True" for state in states.get("conditions", []))
