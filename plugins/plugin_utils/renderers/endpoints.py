# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Where the running platform can be reached from its host."""

from __future__ import annotations

from typing import TypedDict

from ..model.health import HttpHealth
from ..model.injection import https_origin, url_scheme
from ..model.platform import Platform
from .names import local_stores


class Endpoint(TypedDict):
    """url and health are None where nothing is published, or health is not asked by HTTP."""

    service: str
    url: str | None
    health: str | None


def endpoints(platform: Platform, edge_port: int | None = None) -> list[Endpoint]:
    """Every service and local store of the catalog in its order, published or not.

    edge_port: of the edge, where it runs; its clients ask for no health.
    """
    found: list[Endpoint] = []
    for name, service in platform.services.items():
        if service.route and platform.edge and edge_port:
            way = https_origin(platform.edge.host, edge_port) + service.route.path
            found.append({"service": name, "url": way, "health": None})
            continue
        url = f"http://127.0.0.1:{service.port}" if service.port else None
        health = f"{url}{service.health.http}" if isinstance(service.health, HttpHealth) else None
        found.append({"service": name, "url": url, "health": health})
    for name, store in local_stores(platform).items():
        found.append({"service": name, "url": f"{url_scheme(store)}://127.0.0.1:{store.port}", "health": None})
    return found
