# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The table that a deploy ends with: what runs under which address, and what the run did with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...model.injection import https_origin, url_scheme
from ...model.platform import Platform
from ..edge.on_cluster import edge_of
from ..meter import with_meter
from ..names import EDGE, local_stores
from ..summary import table

HEADER = ("SERVICE", "ADDRESS", "THIS RUN")
_WORKLOADS = ("Deployment", "StatefulSet")
_EDGES = ("Gateway", "Ingress")


def manifests_summary(platform: Platform, namespace: str, objects: Iterable[Mapping[str, str]]) -> str:
    """One line a service or store, and one of the edge; objects: as k8s_set returns them."""
    actions = {
        entry["name"]: entry["action"]
        for entry in objects
        # Routes of an Ingress are Ingresses of their own, with the names of services.
        if entry["kind"] in _WORKLOADS or (entry["kind"] in _EDGES and entry["name"] == EDGE)
    }
    rows = [(name, address, actions.get(name, "")) for name, address in _addresses(platform, namespace).items()]
    return table([HEADER, *rows])


def _addresses(platform: Platform, namespace: str) -> dict[str, str]:
    schemes = {name: ("http", service.port) for name, service in with_meter(platform).services.items()}
    schemes |= {name: (url_scheme(store), store.port) for name, store in local_stores(platform).items()}
    inside = {
        name: f"{scheme}://{name}.{namespace}.svc:{port}" if port else "" for name, (scheme, port) in schemes.items()
    }
    edge = edge_of(platform)
    return {**inside, EDGE: https_origin(edge.host)} if edge else inside
