# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The cluster's keys and certificates: https://kubernetes.io/docs/setup/best-practices/certificates/."""

from __future__ import annotations

import datetime
import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ansible_collections.bunops.platform.tests.cluster.layout import NODE, Layout, Network

LIFETIME = datetime.timedelta(days=30)
# The Services, with their namespaces, that programs serve aggregated APIs and each other by.
SERVING = {
    "keda": ("keda-operator.keda", "keda-metrics-apiserver.keda"),
    "metrics-server": ("metrics-server.kube-system",),
    "prometheus-adapter": ("prometheus-adapter.kube-system",),
}


@dataclass(frozen=True)
class Leaf:
    """A certificate to be made: subject, group, and the names that it serves under."""

    name: str
    subject: str
    group: str | None = None
    serves: Sequence[str] = ()


def leaves(network: Network) -> list[Leaf]:
    """The certificates that the cluster's own authority signs."""
    services = [f"kubernetes.{suffix}" for suffix in ("default", "default.svc", "default.svc.cluster.local")]
    api = ["kubernetes", *services, "localhost", "127.0.0.1", network.node, network.api_service]
    return [
        Leaf("kube-apiserver", "kube-apiserver", serves=api),
        Leaf("kubelet-client", "kube-apiserver-kubelet-client", "system:masters"),
        Leaf("admin", "bunops-admin", "system:masters"),
        Leaf("kube-controller-manager", "system:kube-controller-manager"),
        Leaf("kube-scheduler", "system:kube-scheduler"),
        Leaf("kube-proxy", "system:kube-proxy"),
        Leaf("kubelet", f"system:node:{NODE}", "system:nodes", serves=[NODE, network.node]),
        *(Leaf(name, name, serves=_names(services)) for name, services in SERVING.items()),
    ]


def _names(services: Sequence[str]) -> list[str]:
    return [f"{service}.{suffix}" for service in services for suffix in ("svc", "svc.cluster.local")]


def make(layout: Layout, network: Network) -> None:
    """Write all keys and certificates below layout.certificates."""
    authority = _Authority(layout, "ca", "bunops-cluster")
    for leaf in leaves(network):
        authority.sign(leaf)
    # Aggregated APIs trust whoever shows a certificate of this second authority to name the user:
    # https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/.
    _Authority(layout, "front-proxy-ca", "bunops-front-proxy").sign(Leaf("front-proxy-client", "front-proxy-client"))
    accounts = ec.generate_private_key(ec.SECP256R1())
    _write_key(layout, "service-accounts", accounts)
    public = accounts.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (layout.certificates / "service-accounts.pub").write_bytes(public)


class _Authority:
    def __init__(self, layout: Layout, name: str, subject: str) -> None:
        self._layout = layout
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._subject = _name(subject, None)
        builder = _builder(self._subject, self._subject, self._key.public_key())
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self._write(name, self._key, builder)

    def sign(self, leaf: Leaf) -> None:
        """Make a key and its certificate, for clients and servers alike."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_name(leaf.subject, leaf.group), self._subject, key.public_key())
        usages = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        if leaf.serves:
            names = [_alternative(name) for name in leaf.serves]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        self._write(leaf.name, key, builder)

    def _write(self, name: str, key: ec.EllipticCurvePrivateKey, builder: x509.CertificateBuilder) -> None:
        certificate = builder.sign(self._key, hashes.SHA256())
        self._layout.certificate(name).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        _write_key(self._layout, name, key)


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + LIFETIME)
    )


def _name(subject: str, group: str | None) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, subject)]
    if group:
        attributes.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, group))
    return x509.Name(attributes)


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write_key(layout: Layout, name: str, key: ec.EllipticCurvePrivateKey) -> None:
    content = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    descriptor = os.open(layout.key(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
