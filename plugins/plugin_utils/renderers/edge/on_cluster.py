# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The edge on a cluster: objects for the program that is the edge there, which the cluster has to bring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...model.clerk import JWT_KEY
from ...model.edge import Edge, Issuer, TlsSecret, is_loopback
from ...model.errors import Problem
from ...model.platform import Platform
from ..manifests.cluster import Cluster, SecretObject
from ..manifests.parts import Object, Part, platform_part
from ..names import EDGE, TLS_SECRET
from . import gateway, ingress
from .entrance import entrance, missing_key, token_services
from .ingress_notes import ingress_notes

# Where the proxies run unless the catalog says otherwise: what the charts of Envoy Gateway and Traefik propose.
_NAMESPACES = {"gateway": "envoy-gateway-system", "ingress": "traefik"}


def edge_of(platform: Platform) -> Edge | None:
    """The edge, if clients of a cluster come in by it: a loopback name leads to none."""
    edge = platform.edge
    routed = any(service.route for service in platform.services.values())
    return edge if edge and routed and not is_loopback(edge.host) else None


def gateway_verifies(platform: Platform) -> bool:
    """Whether a cluster's edge verifies tokens, once it is given the public key: Traefik does not."""
    edge = edge_of(platform)
    return edge is not None and edge.kind == "gateway" and bool(token_services(entrance(platform)))


def edge_objects(platform: Platform, cluster: Cluster) -> Iterator[Object]:
    """Nothing where no clients come in. Expects that `edge_refusals` has none."""
    edge = edge_of(platform) if cluster.edge else None
    if edge is None:
        return
    part, way_in = platform_part(platform, cluster, cluster.namespace), entrance(platform)
    secret = edge.tls.secret if isinstance(edge.tls, TlsSecret) else TLS_SECRET
    if isinstance(edge.tls, Issuer):
        yield _certificate(part, way_in.host, edge.tls.issuer)
    if edge.kind == "gateway":
        key_set = cluster.secret(JWT_KEY).key_set
        yield from gateway.gateway_objects(part, way_in, edge.class_name or "", secret, key_set)
    else:
        yield from ingress.ingress_objects(part, way_in, edge.class_name, secret)


def edge_annotations(platform: Platform, cluster: Cluster, name: str) -> dict[str, str] | None:
    """Of the address of a service, for the edge to read."""
    edge = edge_of(platform) if cluster.edge else None
    if edge is None or edge.kind != "ingress":
        return None
    part, routes = platform_part(platform, cluster, cluster.namespace), entrance(platform).routes
    return next((ingress.service_annotations(part, route) for route in routes if route.service == name), None)


def edge_refusals(platform: Platform, cluster: Cluster) -> Iterator[Problem]:
    """What keeps the edge from being made on a cluster."""
    edge = edge_of(platform) if cluster.edge else None
    if edge is None:
        return
    if edge.tls == "local":
        text = "a local authority is for one machine; on a cluster, expected {issuer: NAME} or {secret: NAME}"
        yield Problem(("edge", "tls"), text)
    if edge.kind == "gateway":
        yield from gateway.gateway_refusals(edge)
        if cluster.secret(JWT_KEY).key_set == "":
            yield from (missing_key(name) for name in token_services(entrance(platform)))
    else:
        yield from ingress.ingress_refusals(edge)


def edge_notes(platform: Platform, edge: Edge, secrets: Mapping[str, SecretObject]) -> Iterator[str]:
    """What the cluster has to bring, and what its edge does not do."""
    program = {"gateway": "Envoy Gateway, with the GatewayClass", "ingress": "Traefik, with the IngressClass"}[
        edge.kind
    ]
    named = f" {edge.class_name}" if edge.class_name else ""
    yield f"edge: the cluster has to bring {program}{named}, whose proxies run in the namespace {namespace_of(edge)}"
    if isinstance(edge.tls, Issuer):
        yield f"edge: the cluster has to bring cert-manager, with the ClusterIssuer {edge.tls.issuer}"
    ways = entrance(platform)
    key = secrets.get(JWT_KEY)
    has_key = key is not None and bool(key.key_set)
    yield from gateway.gateway_notes(ways, has_key) if edge.kind == "gateway" else ingress_notes(ways)


def namespace_of(edge: Edge) -> str:
    """Where its proxies run."""
    return edge.namespace or _NAMESPACES[edge.kind]


def proxies(edge: Edge) -> Object:
    """The pods of the edge, as NetworkPolicies know them."""
    labels = gateway.PROXY_LABELS if edge.kind == "gateway" else ingress.PROXY_LABELS
    return {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace_of(edge)}},
        "podSelector": {"matchLabels": dict(labels)},
    }


def _certificate(part: Part, host: str, issuer: str) -> Object:
    """By cert-manager: https://cert-manager.io/docs/usage/certificate/"""
    spec = {
        "secretName": TLS_SECRET,
        "dnsNames": [host],
        "issuerRef": {"group": "cert-manager.io", "kind": "ClusterIssuer", "name": issuer},
        "privateKey": {"algorithm": "ECDSA", "rotationPolicy": "Always", "size": 256},
    }
    return part.object("cert-manager.io/v1", "Certificate", {"spec": spec}, name=EDGE)
