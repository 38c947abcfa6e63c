# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What KEDA and metrics-server are given: images, certificates, and what is left out."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509

from ansible_collections.bunops.platform.tests.cluster import autoscaling, certificates, programs
from ansible_collections.bunops.platform.tests.cluster.layout import Layout, Network


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    result = Layout(tmp_path / "root")
    result.make_folders()
    certificates.make(result, Network(200))
    return result


def item(version: str, kind: str, name: str, **fields: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, **fields}


def deployment(name: str, command: str, *args: str) -> dict[str, Any]:
    probe = {"httpGet": {"path": "/readyz", "port": 8081}, "initialDelaySeconds": 20}
    container = {
        "name": name,
        "image": f"registry.example/{name}:main",
        "imagePullPolicy": "Always",
        "command": [command],
        "args": list(args),
        "readinessProbe": probe,
    }
    return item("apps/v1", "Deployment", name, spec={"template": {"spec": {"containers": [container]}}})


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """What `kubectl kustomize` makes, in short."""
    items = [
        item("apiextensions.k8s.io/v1", "CustomResourceDefinition", "scaledobjects.keda.sh"),
        item("v1", "Namespace", "keda"),
        deployment("keda-admission", "/keda-admission-webhooks"),
        item("v1", "Service", "keda-admission-webhooks"),
        deployment("keda-operator", "/keda", "--leader-elect", "--enable-cert-rotation=true"),
        deployment("keda-metrics-apiserver", "/keda-adapter", "--secure-port=6443"),
        item("apiregistration.k8s.io/v1", "APIService", "v1beta1.external.metrics.k8s.io", spec={"version": "v1beta1"}),
        item("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "keda-admission"),
    ]
    (tmp_path / "keda.yml").write_text(yaml.safe_dump_all(items))
    return tmp_path


def containers(items: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    found = [item for item in items if item["kind"] == "Deployment"]
    return {item["metadata"]["name"]: item["spec"]["template"]["spec"]["containers"][0] for item in found}


def test_keda_runs_without_webhooks_its_namespace_first(layout: Layout, built: Path) -> None:
    items = autoscaling.keda(layout, built)
    assert [(item["kind"], item["metadata"]["name"]) for item in items] == [
        ("Namespace", "keda"),
        ("Secret", "kedaorg-certs"),
        ("CustomResourceDefinition", "scaledobjects.keda.sh"),
        ("Deployment", "keda-operator"),
        ("Deployment", "keda-metrics-apiserver"),
        ("APIService", "v1beta1.external.metrics.k8s.io"),
    ]


def test_keda_runs_from_our_images_with_the_certificate_that_is_there(layout: Layout, built: Path) -> None:
    found = containers(autoscaling.keda(layout, built))
    assert found["keda-operator"]["args"] == ["--leader-elect"], "it makes no certificates"
    assert found["keda-metrics-apiserver"]["args"] == ["--secure-port=6443"]
    for container in found.values():
        assert container["readinessProbe"]["initialDelaySeconds"] == 0
        assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": 8081}


def test_all_images_are_of_programs_that_are_built(layout: Layout, built: Path) -> None:
    found = containers([*autoscaling.metrics_server(layout), *autoscaling.keda(layout, built)])
    assert set(found) == set(autoscaling.DEPLOYMENTS)
    assert {container["imagePullPolicy"] for container in found.values()} == {"Never"}
    wanted = {f"bunops.test/{program}:local" for program in programs.AUTOSCALING.programs}
    assert {container["image"] for container in found.values()} == wanted


def test_their_apis_are_trusted_by_the_certificates_that_they_have(layout: Layout, built: Path) -> None:
    authority = x509.load_pem_x509_certificate(layout.certificate("ca").read_bytes())
    served = {}
    for items in (autoscaling.metrics_server(layout), autoscaling.keda(layout, built)):
        api = next(item for item in items if item["kind"] == "APIService")
        secret = next(item for item in items if item["kind"] == "Secret")
        assert base64.b64decode(api["spec"]["caBundle"]) == layout.certificate("ca").read_bytes()
        assert api["spec"]["caBundle"] == secret["data"]["ca.crt"]
        certificate = x509.load_pem_x509_certificate(base64.b64decode(secret["data"]["tls.crt"]))
        certificate.verify_directly_issued_by(authority)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        served[api["metadata"]["name"]] = names.get_values_for_type(x509.DNSName)
    assert set(served) == set(autoscaling.APIS)
    assert "metrics-server.kube-system.svc" in served["v1beta1.metrics.k8s.io"]
    # The API server asks the first, the adapter asks the operator by the second.
    wanted = {"keda-metrics-apiserver.keda.svc", "keda-operator.keda.svc.cluster.local"}
    assert wanted < set(served["v1beta1.external.metrics.k8s.io"])


def test_nothing_is_left_to_be_filled_in(layout: Layout) -> None:
    assert "$" not in json.dumps(autoscaling.metrics_server(layout))


def test_it_is_installed_in_a_cluster_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(LookupError, match="No cluster runs below"):
        autoscaling.install(tmp_path / "kubeconfig")
