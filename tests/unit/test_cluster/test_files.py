# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a cluster's components are given: arguments, configuration, certificates, images and objects."""

from __future__ import annotations

import base64
import hashlib
import io
import ipaddress
import json
import stat
import tarfile
import tomllib
from pathlib import Path

import pytest
import yaml
from cryptography import x509

from ansible_collections.bunops.platform.tests.cluster import (
    addons,
    api,
    certificates,
    commands,
    configuration,
    host,
    images,
    kubeconfig,
    programs,
)
from ansible_collections.bunops.platform.tests.cluster.layout import NODE, Layout, Network

NETWORK = Network(200)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    result = Layout(tmp_path / "root")
    result.make_folders()
    return result


def test_addresses_lie_in_their_networks() -> None:
    whole = ipaddress.IPv4Network(NETWORK.whole)
    services, pods = ipaddress.IPv4Network(NETWORK.services), ipaddress.IPv4Network(NETWORK.pods)
    link = ipaddress.IPv4Network(f"{NETWORK.host}/30", strict=False)
    assert all(whole.supernet_of(part) for part in (services, pods, link))
    assert not services.overlaps(pods) and not services.overlaps(link) and not pods.overlaps(link)
    assert ipaddress.ip_address(NETWORK.dns) in services
    assert ipaddress.ip_address(NETWORK.node) in link
    assert next(services.hosts()) == ipaddress.ip_address(NETWORK.api_service)


def test_every_component_has_a_program(layout: Layout) -> None:
    built = Path("/built")
    wanted = commands.components(layout, NETWORK, built, audit=False)
    for component in wanted:
        program = Path(component.arguments[0])
        assert program.name in (programs.PARTS if program.parent == built else host.PROGRAMS)
    assert len({component.name for component in wanted}) == len(wanted)
    assert [component.name for component in wanted if not component.on_node] == ["registry"]


def test_the_audit_log_is_written_if_asked_for(layout: Layout) -> None:
    def flags(audit: bool) -> set[str]:
        wanted = commands.components(layout, NETWORK, Path("/built"), audit=audit)
        return set(next(component for component in wanted if component.name == "kube-apiserver").arguments)

    assert flags(True) - flags(False) == {
        f"--audit-log-path={layout.audit_log}",
        f"--audit-policy-file={layout.configuration}/audit.yml",
    }


def test_configuration_files_can_be_read(layout: Layout) -> None:
    configuration.write(layout, NETWORK, ["192.0.2.53"], Path("/plugins"))
    folder = layout.configuration
    containerd = tomllib.loads((folder / "containerd.toml").read_text())
    runtime = containerd["plugins"]["io.containerd.grpc.v1.cri"]
    assert runtime["cni"] == {"bin_dir": "/plugins", "conf_dir": str(folder / "cni")}
    registries = Path(runtime["registry"]["config_path"])
    hosts = tomllib.loads((registries / NETWORK.registry / "hosts.toml").read_text())
    assert list(hosts["host"]) == [hosts["server"]] == [f"http://{NETWORK.host}:{NETWORK.registry_port}"]
    assert yaml.safe_load((folder / "kubelet.yml").read_text())["cgroupRoot"] == f"/{NETWORK.link}"
    assert (folder / "resolv.conf").read_text() == "nameserver 192.0.2.53\n"
    assert [plugin["type"] for plugin in json.loads((folder / "cni/10-bunops.conflist").read_text())["plugins"]] == [
        "ptp",
        "portmap",
    ]


def test_certificates_name_whom_they_are_for(layout: Layout) -> None:
    certificates.make(layout, NETWORK)

    def read(name: str) -> x509.Certificate:
        return x509.load_pem_x509_certificate(layout.certificate(name).read_bytes())

    authority = read("ca")
    for leaf in certificates.leaves(NETWORK):
        read(leaf.name).verify_directly_issued_by(authority)
        assert stat.S_IMODE(layout.key(leaf.name).stat().st_mode) == 0o600
    assert read("kubelet").subject.rfc4514_string() == f"CN=system:node:{NODE},O=system:nodes"
    read("front-proxy-client").verify_directly_issued_by(read("front-proxy-ca"))
    with pytest.raises(ValueError):
        read("front-proxy-client").verify_directly_issued_by(authority)


def test_a_kubeconfig_holds_all_that_it_needs(layout: Layout) -> None:
    certificates.make(layout, NETWORK)
    kubeconfig.make(layout, NETWORK)
    config = yaml.safe_load(layout.kubeconfig.read_text())
    assert config["clusters"][0]["cluster"]["server"] == f"https://{NETWORK.node}:6443"
    key = base64.b64decode(config["users"][0]["user"]["client-key-data"])
    assert key == layout.key("admin").read_bytes()
    assert stat.S_IMODE(layout.kubeconfig.stat().st_mode) == 0o600


def test_an_image_is_its_program(layout: Layout, tmp_path: Path) -> None:
    program = b"\x7fELF" + bytes(14) + (0xB7).to_bytes(2, "little") + b"code"
    for name in ("pause", "coredns"):
        (tmp_path / name).write_bytes(program)
    images.write(layout, tmp_path)
    with tarfile.open(layout.images / "pause.tar") as archive:
        content = {entry.name: archive.extractfile(entry).read() for entry in archive}  # type: ignore[union-attr]
    manifest, config = json.loads(content["manifest.json"]), json.loads(content["config.json"])
    assert manifest[0]["RepoTags"] == ["bunops.test/pause:local"]
    assert config["architecture"] == "arm64"
    layer = content[manifest[0]["Layers"][0]]
    assert config["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(layer).hexdigest()}"]
    with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
        assert [(entry.name, oct(entry.mode)) for entry in archive] == [("pause", "0o755")]


@pytest.mark.parametrize(("nameservers", "forwards"), [(["192.0.2.53"], True), ([], False)])
def test_names_outside_are_asked_for_where_somebody_answers(nameservers: list[str], forwards: bool) -> None:
    found = addons.objects(NETWORK, nameservers)
    corefile = next(item for item in found if item["kind"] == "ConfigMap")["data"]["Corefile"]
    assert ("forward . /etc/resolv.conf" in corefile) is forwards
    assert "$" not in json.dumps(found)
    service = next(item for item in found if item["kind"] == "Service")
    assert service["spec"]["clusterIP"] == NETWORK.dns


@pytest.mark.parametrize(
    ("version", "kind", "namespace", "path"),
    [
        ("v1", "Service", "kube-system", "/api/v1/namespaces/kube-system/services/x"),
        ("apps/v1", "Deployment", "kube-system", "/apis/apps/v1/namespaces/kube-system/deployments/x"),
        ("storage.k8s.io/v1", "StorageClass", None, "/apis/storage.k8s.io/v1/storageclasses/x"),
        ("apiregistration.k8s.io/v1", "APIService", None, "/apis/apiregistration.k8s.io/v1/apiservices/x"),
    ],
)
def test_paths_of_objects(version: str, kind: str, namespace: str | None, path: str) -> None:
    metadata = {"name": "x"} | ({"namespace": namespace} if namespace else {})
    assert api.path_of({"apiVersion": version, "kind": kind, "metadata": metadata}) == path
