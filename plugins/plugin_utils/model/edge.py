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
_NO_GATEWAY = "nothing: Services have addresses in the cluster alone; said by `manifests_notes`"


class Issuer(Entry):
    """A certificate authority that the cluster knows."""

    issuer: Annotated[
        Word, field("Name of the issuer", compose=_NO_CLUSTER, kubernetes=_NO_GATEWAY, examples=["letsencrypt"])
    ]


def is_loopback(host: str) -> bool:
    """Whether the name leads to nothing but the machine that asks (RFC 6761, section 6.3)."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower().split(".")[-1] == "localhost"


class TlsSecret(Entry):
    """A certificate that somebody else keeps in the cluster."""

    secret: Annotated[
        ObjectName,
        field(
            "Name of a Secret of the type kubernetes.io/tls in the platform's namespace",
            compose=_NO_CLUSTER,
            kubernetes=_NO_GATEWAY,
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
        field("Host name of the platform", compose=_NO_EDGE, kubernetes=_NO_GATEWAY, examples=["localhost"]),
    ]
    tls: Annotated[
        Tls,
        field(
            "Who signs its certificate",
            compose=_NO_EDGE,
            kubernetes=_NO_GATEWAY,
            examples=["local", {"issuer": "letsencrypt"}, {"secret": "atlas-tls"}],
        ),
    ] = "local"
    kind: Annotated[
        Literal["gateway", "ingress"],
        field(
            "What the cluster's edge understands: the Gateway API, as Envoy Gateway does, or Ingress, as Traefik does",
            compose="nothing: it is about clusters",
            kubernetes=_NO_GATEWAY,
        ),
    ] = "gateway"
    class_name: Annotated[
        ObjectName | None,
        field(
            "Name of the cluster's GatewayClass or IngressClass",
            compose="nothing: it is about clusters",
            kubernetes=_NO_GATEWAY,
            examples=["eg"],
        ),
    ] = None
    trusted_proxies: Annotated[
        tuple[IpRange, ...],
        field(
            "Addresses of the proxies in front of the edge, whose word on who the client is is believed; with none, "
            "the client is who connects",
            compose=_NO_EDGE,
            kubernetes=_NO_GATEWAY,
            examples=[["10.0.0.0/24"]],
        ),
    ] = ()
    request_timeout: Annotated[
        DurationField,
        field(
            "Time that a client has to send a request whole",
            compose=_NO_EDGE,
            kubernetes=_NO_GATEWAY,
        ),
    ] = Duration(30, "30s")
