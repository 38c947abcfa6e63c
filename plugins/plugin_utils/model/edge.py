# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The edge: where the platform meets its clients."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

from pydantic import Tag

from .entry import Entry, by_key, by_shape, field
from .quantities import Duration, DurationField
from .scalars import Host, IpRange, ObjectName, Word

_NO_EDGE = "acted on where the edge runs (`edge=true`); else nothing, said by `compose_notes`"
_NO_CLUSTER = "a certificate of a local authority where the edge runs; said by `compose_notes`"
_ABOUT_CLUSTERS = "nothing: it is about clusters"


class Issuer(Entry):
    """A certificate authority that the cluster knows."""

    issuer: Annotated[
        Word,
        field(
            "Name of the issuer",
            compose=_NO_CLUSTER,
            kubernetes="a Certificate of cert-manager by that ClusterIssuer",
            examples=["letsencrypt"],
        ),
    ]


def is_loopback(host: str) -> bool:
    """Whether the name leads to nothing but the machine that asks (RFC 6761, section 6.3)."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower().split(".")[-1] == "localhost"


def is_address(host: str) -> bool:
    """Whether it is an address, not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class TlsSecret(Entry):
    """A certificate that somebody else keeps in the cluster."""

    secret: Annotated[
        ObjectName,
        field(
            "Name of a Secret of the type kubernetes.io/tls in the platform's namespace",
            compose=_NO_CLUSTER,
            kubernetes="certificate of the listener for HTTPS, or of the Ingresses",
            examples=["atlas-tls"],
        ),
    ]


_FromCluster = Annotated[
    Annotated[Issuer, Tag("<issuer>")] | Annotated[TlsSecret, Tag("<secret>")],
    by_key("issuer", "secret", expected="issuer or secret"),
]
Tls = Annotated[
    Annotated[Literal["local"], Tag("<word>")] | Annotated[_FromCluster, Tag("<mapping>")],
    by_shape(
        expected="local, or a mapping with issuer or secret",
        word=(str,),
        mapping=(dict, Issuer, TlsSecret),
    ),
]


class Edge(Entry):
    """Name and certificate of the platform."""

    host: Annotated[
        Host,
        field(
            "Host name of the platform",
            compose=_NO_EDGE,
            kubernetes="where it is no loopback name: `hostname` of the Gateway and its HTTPRoutes; else nothing, "
            "said by `manifests_notes`",
            examples=["localhost"],
        ),
    ]
    tls: Annotated[
        Tls,
        field(
            "Who signs its certificate",
            compose=_NO_EDGE,
            kubernetes="see below; `local` is refused",
            examples=["local", {"issuer": "letsencrypt"}, {"secret": "atlas-tls"}],
        ),
    ] = "local"
    kind: Annotated[
        Literal["gateway", "ingress"],
        field(
            "What the cluster's edge understands: the Gateway API, as Envoy Gateway does, or Ingress, as Traefik does",
            compose=_ABOUT_CLUSTERS,
            kubernetes="`gateway`: Gateway, HTTPRoutes and policies of Envoy Gateway; `ingress`: Ingresses, and "
            "middlewares of Traefik, as docs/edge.md says, while the other texts here are about `gateway`",
        ),
    ] = "gateway"
    class_name: Annotated[
        ObjectName | None,
        field(
            "Name of the cluster's GatewayClass or IngressClass",
            compose=_ABOUT_CLUSTERS,
            kubernetes="`gatewayClassName`, which `gateway` needs, or `ingressClassName`",
            examples=["eg"],
        ),
    ] = None
    namespace: Annotated[
        ObjectName | None,
        field(
            "Namespace of the cluster in which the edge's proxies run; without one, that of the program's own chart: "
            "`envoy-gateway-system` for `gateway`, `traefik` for `ingress`",
            compose=_ABOUT_CLUSTERS,
            kubernetes="NetworkPolicies let its proxies in, and nobody else from outside",
            examples=["envoy-gateway-system"],
        ),
    ] = None
    trusted_proxies: Annotated[
        tuple[IpRange, ...],
        field(
            "Addresses of the proxies in front of the edge, whose word on who the client is is believed; with none, "
            "the client is who connects",
            compose=_NO_EDGE,
            kubernetes="`trustedCIDRs` of a ClientTrafficPolicy",
            examples=[["10.0.0.0/24"]],
        ),
    ] = ()
    request_timeout: Annotated[
        DurationField,
        field(
            "Time that a client has to send a request whole",
            compose=_NO_EDGE,
            kubernetes="`requestReceivedTimeout` of a ClientTrafficPolicy",
        ),
    ] = Duration(30, "30s")
