# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a catalog says and Compose does not act on: said, never dropped in silence."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.edge import is_loopback
from ..model.errors import words
from ..model.platform import Platform
from ..model.scaling import Scaling
from .compose_networks import external_stores_of
from .compose_text import can_be_overridden
from .names import local_stores


def compose_notes(platform: Platform, *, edge: bool = False) -> list[str]:
    """One sentence per field, with the names it concerns. edge: whether the edge runs."""
    return [
        *_replicas(platform),
        *(_running_edge(platform) if edge else (*_routes(platform), *_edge(platform))),
        *_volumes(platform),
        *_storage_classes(platform),
        *_egress(platform),
        *_environment(platform),
        *_socket(platform),
    ]


def _replicas(platform: Platform) -> Iterator[str]:
    several = []
    for name, service in platform.services.items():
        replicas = service.replicas
        if isinstance(replicas, Scaling):
            several.append(f"{name} ({replicas.min} to {replicas.max})")
        elif replicas != 1:
            several.append(f"{name} ({replicas})")
    if several:
        yield (
            f"replicas: Compose runs one container each of {words(several)}; nothing measures "
            "load here, and a published port can have one owner"
        )


def _routes(platform: Platform) -> Iterator[str]:
    routed = [f"{name} ({service.route.path})" for name, service in platform.services.items() if service.route]
    if routed:
        yield (
            "route: the edge does not run (edge=true runs it), so the routes, limits and timeouts of "
            f"{words(routed)} do not act; the ports are published on 127.0.0.1 instead"
        )


def _edge(platform: Platform) -> Iterator[str]:
    if platform.edge:
        yield (
            f"edge: it does not run (edge=true runs it), so {platform.edge.host} and its certificate are "
            "not served; the ports speak plain HTTP on 127.0.0.1"
        )


def _running_edge(platform: Platform) -> Iterator[str]:
    edge = platform.edge
    if edge is None:
        return
    if edge.tls != "local":
        yield (
            "edge.tls: no cluster is there to take a certificate from, so the edge has one of a local authority, "
            "which clients have to be told to trust"
        )
    if not is_loopback(edge.host):
        yield (
            f"edge.host: the edge is published on 127.0.0.1 only, so {edge.host} reaches it where something on this "
            "machine leads it there"
        )


def _volumes(platform: Platform) -> Iterator[str]:
    sizes = [f"{name} ({store.volume.text})" for name, store in local_stores(platform).items()]
    if sizes:
        yield (
            f"volume: Docker's local volumes have no size, so those of {words(sizes)} may grow until the disk is full"
        )


def _storage_classes(platform: Platform) -> Iterator[str]:
    classes = [
        f"{name} ({store.storage_class})" for name, store in local_stores(platform).items() if store.storage_class
    ]
    if classes:
        yield f"storage_class: Docker's local volumes are all of one kind, so that of {words(classes)} does not act"


def _egress(platform: Platform) -> Iterator[str]:
    for name, task in platform.tasks.items():
        if not isinstance(task.egress, str):
            yield (
                f"egress: Compose cannot filter by host, so {name} itself has to keep to "
                f"{words(task.egress)}, which it reads from EGRESS"
            )
    for name in platform.services:
        outside = external_stores_of(platform, name)
        if outside and platform.services[name].egress == "none":
            yield (
                f"egress: Compose cannot filter by host, so {name} can call anything outside, "
                f"because it uses {words(outside)}, which runs elsewhere"
            )


def _environment(platform: Platform) -> Iterator[str]:
    for name, service in platform.services.items():
        fixed = [key for key, value in service.env.items() if not can_be_overridden(key, value)]
        if fixed:
            yield (
                f"env: .env cannot override {words(fixed)} of {name}: the name means something to "
                "Compose's own process, or the value has a line break or an unpaired brace"
            )


def _socket(platform: Platform) -> Iterator[str]:
    starters = [name for name, service in platform.services.items() if service.starts]
    if platform.docker == "socket":
        yield (
            f"docker: {words(starters)} holds the engine's socket, which is as good as root on "
            "this machine; no guard limits what is started"
        )
