# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What prometheus-adapter is given: its image, a certificate that is trusted, and its configuration."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509

from ansible_collections.bunops.platform.tests.cluster import certificates, metrics_adapter, programs
from ansible_collections.bunops.platform.tests.cluster.layout import Layout, Network

RULES = [{"seriesQuery": "queue_demand", "metricsQuery": "max(<<.Series>>{<<.LabelMatchers>>})"}]


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    result = Layout(tmp_path / "root")
    result.make_folders()
    certificates.make(result, Network(200))
    return result


@pytest.fixture
def items(layout: Layout) -> dict[str, dict[str, Any]]:
    """By kind."""
    return {item["kind"]: item for item in metrics_adapter.objects(layout, "http://prometheus.atlas.svc:9090", RULES)}


def test_it_runs_from_an_image_of_the_program_that_is_built(items: dict[str, dict[str, Any]]) -> None:
    (container,) = items["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert container["imagePullPolicy"] == "Never"
    (program,) = programs.METRICS_ADAPTER.programs
    assert (program, container["image"]) == (metrics_adapter.NAME, f"bunops.test/{program}:local")


def test_it_asks_prometheus_by_the_rules(items: dict[str, dict[str, Any]]) -> None:
    (container,) = items["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert "--prometheus-url=http://prometheus.atlas.svc:9090" in container["args"]
    assert yaml.safe_load(items["ConfigMap"]["data"]["config.yaml"]) == {"externalRules": RULES}


def test_its_api_is_trusted_by_the_certificate_that_it_has(items: dict[str, dict[str, Any]], layout: Layout) -> None:
    api = items["APIService"]
    assert api["metadata"]["name"] == metrics_adapter.API
    assert base64.b64decode(api["spec"]["caBundle"]) == layout.certificate("ca").read_bytes()
    certificate = x509.load_pem_x509_certificate(base64.b64decode(items["Secret"]["data"]["tls.crt"]))
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(layout.certificate("ca").read_bytes()))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    service = api["spec"]["service"]
    assert f"{service['name']}.{service['namespace']}.svc" in names.get_values_for_type(x509.DNSName)


def test_nothing_is_left_to_be_filled_in(items: dict[str, dict[str, Any]]) -> None:
    assert "$" not in json.dumps(items)


def test_it_is_installed_in_a_cluster_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(LookupError, match="No cluster runs below"):
        metrics_adapter.install(tmp_path / "kubeconfig", "http://prometheus:9090", RULES)
