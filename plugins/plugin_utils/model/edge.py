# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The edge: where the platform meets its clients."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

from pydantic import Tag

from .entry import Entry, by_shape, field
from .scalars import Host, Word

_NO_EDGE = "nothing: ports are published on 127.0.0.1 instead; said by `compose_notes`"
_NO_GATEWAY = "nothing: Services have addresses in the cluster alone; said by `manifests_notes`"


class Issuer(Entry):
    """A certificate authority that the cluster knows."""

    issuer: Annotated[
        Word, field("Name of the issuer", compose=_NO_EDGE, kubernetes=_NO_GATEWAY, examples=["letsencrypt"])
    ]


def is_loopback(host: str) -> bool:
    """Whether the name leads to nothing but the machine that asks (RFC 6761, section 6.3)."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower().split(".")[-1] == "localhost"


Tls = Annotated[
    Annotated[Literal["local"], Tag("<word>")] | Annotated[Issuer, Tag("<issuer>")],
    by_shape(expected="local, or a mapping with issuer", word=(str,), issuer=(dict, Issuer)),
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
            examples=["local", {"issuer": "letsencrypt"}],
        ),
    ] = "local"
