# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The rendered NetworkPolicies let through what the catalog says, and nothing else.

Every pair of pods and addresses is asked about at every port. What the catalog means is written down here once more,
in its own words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings

from ansible_collections.bunops.platform.plugins.plugin_utils.model.edge import Edge as EdgeOfCatalog
from ansible_collections.bunops.platform.plugins.plugin_utils.model.edge import Issuer
from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.model.scaling import Scaling
from ansible_collections.bunops.platform.plugins.plugin_utils.model.stores import ExternalStore
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.cluster import Cluster
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.render import manifests
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.names import local_stores
from ansible_collections.bunops.platform.tests.unit.renderers.cases import (
    CASES,
    cluster_of,
    platform_of,
    watched_cluster_of,
)
from ansible_collections.bunops.platform.tests.unit.renderers.catalog_strategy import EXTERNAL, METRICS_PORT, catalogs
from ansible_collections.bunops.platform.tests.unit.renderers.network_reader import Place, network_of, pods_of

INTERNET = [
    Place("example.com", "93.184.215.14"),
    Place("example.com by IPv6", "2606:4700::1"),
    Place("listed, public", "192.0.2.7"),
]
NODE_CACHE = Place("name service of the node", "169.254.20.10")
ADDRESSES = [
    *INTERNET,
    NODE_CACHE,
    Place("listed", "10.0.0.7"),
    Place("listed, IPv6", "fd00::7"),
    Place("metadata of the cloud", "169.254.169.254"),
    Place("API server", "10.96.0.1"),
    Place("neighbour of the node", "192.168.7.7"),
    Place("carrier's network", "100.64.0.7"),
    Place("mapped", "::ffff:10.0.0.7"),
    Place("6to4", "2002:a00:7::1"),
]
DNS = Place("name service", "10.244.9.1", "kube-system", {"k8s-app": "kube-dns"})
PROMETHEUS = Place("prometheus", "10.244.9.13", "monitoring", {"app": "prometheus"})
PROXIES = {
    "gateway": Place(
        "proxy of Envoy Gateway",
        "10.244.9.5",
        "envoy-gateway-system",
        {"app.kubernetes.io/component": "proxy", "app.kubernetes.io/managed-by": "envoy-gateway", "app": "x"},
    ),
    "ingress": Place("Traefik", "10.244.9.6", "traefik", {"app.kubernetes.io/name": "traefik", "app": "x"}),
}
STRANGERS = [
    DNS,
    Place("controller", "10.244.9.2", "kube-system", {"app": "controller"}),
    Place("stranger", "10.244.9.3", "other", {"app.kubernetes.io/name": "redis"}),
    Place("client of the name service", "10.244.9.4", "other", {"k8s-app": "kube-dns"}),
    PROMETHEUS,
    *PROXIES.values(),
    Place("another proxy", "10.244.9.11", "other", PROXIES["gateway"].labels),
    Place("neighbour of the proxy", "10.244.9.12", "envoy-gateway-system", {"app": "x"}),
    Place("neighbour of Traefik", "10.244.9.7", "traefik", {"app": "x"}),
    Place("another Traefik", "10.244.9.8", "other", {"app.kubernetes.io/name": "traefik"}),
]
NAMESPACES = {
    place.namespace: {"kubernetes.io/metadata.name": place.namespace} for place in STRANGERS if place.namespace
}
_TCP_PORTS = (22, 53, 80, 443, 3000, 6379, 6380, 6443, 8000, 8080, 8081, 8089, 8090, 9000, 9001, 9002, 9464)
PORTS = [*((port, "TCP") for port in _TCP_PORTS), (53, "UDP"), (8080, "UDP")]

Edge = tuple[str, str, int, str]
Side = Callable[[Place, Place, int, str], bool]


class Sides(NamedTuple):
    """The connections that the caller's side allows, and those that the called one does: both are exact, so that
    neither has to rely on the other."""

    out: set[Edge]
    into: set[Edge]


@pytest.mark.parametrize("case", CASES)
def test_the_network_is_the_catalogs(case: str) -> None:
    platform = platform_of(case)
    assert rendered(platform) == wanted(platform)


@settings(max_examples=40)
@given(catalogs())
def test_the_network_of_any_catalog_is_the_catalogs(raw: dict[str, Any]) -> None:
    platform = Platform.parse(raw)
    assert rendered(platform) == wanted(platform)


@settings(max_examples=20)
@given(catalogs())
def test_who_watches_reaches_the_metrics_and_nothing_else(raw: dict[str, Any]) -> None:
    platform = Platform.parse(raw)
    with_metrics = [name for name, service in platform.services.items() if service.metrics]
    closed, watched = rendered(platform), rendered(platform, watched_cluster_of(platform))
    assert watched.out == closed.out
    assert watched.into - closed.into == {(PROMETHEUS.name, name, METRICS_PORT, "TCP") for name in with_metrics}
    assert closed.into <= watched.into


def test_the_reference_platform_as_a_person_would_draw_it() -> None:
    platform = platform_of("reference")
    inside = {pod.name for pod in pods(platform)}
    sides = rendered(platform)
    edges = {(source, target, port) for source, target, port, _ in sides.out & sides.into if {source, target} <= inside}
    assert edges == {
        ("api", "redis", 6379),
        ("api", "turso", 8081),
        ("dashboard", "api", 8080),
        ("queue-meter", "redis", 6379),
        ("worker", "redis", 6379),
        ("worker", "turso", 8081),
    }


def test_the_strategy_knows_all_kinds_of_external_stores() -> None:
    """Or the property above would say less than it seems to."""
    assert {outside(Platform.parse(_with_store(store)), "store")[0] is None for store in EXTERNAL} == {True, False}


def _with_store(store: dict[str, Any]) -> dict[str, Any]:
    service = {"image": {"ref": "a"}, "health": {"exec": ["a"]}, "uses": ["store"]}
    return {"name": "any", "services": {"a": service}, "stores": {"store": store}}


def pods(platform: Platform) -> list[Place]:
    return pods_of(manifests(platform, cluster_of(platform)))


def intruders(platform: Platform) -> list[Place]:
    """Pods that somebody put into the platform's own namespaces."""
    own = {pod.namespace for pod in pods(platform)}
    return [Place(f"intruder in {name}", "10.244.9.9", name, {"app": "x"}) for name in sorted(filter(None, own))]


def solver(platform: Platform) -> Place:
    """A pod of cert-manager that answers who issues a certificate."""
    return Place("solver", "10.244.9.10", platform.name, {"acme.cert-manager.io/http01-solver": "true"})


def rendered(platform: Platform, cluster: Cluster | None = None) -> Sides:
    """What the policies let through, read as a network reads them."""
    network = network_of(manifests(platform, cluster or cluster_of(platform)), NAMESPACES)
    return _sides(platform, network.lets_out, network.lets_in)


def wanted(platform: Platform) -> Sides:
    """What the catalog says."""
    return _sides(platform, partial(may_call, platform), partial(lets_in, platform))


def _sides(platform: Platform, out: Side, into: Side) -> Sides:
    every = list(connections(platform))
    return Sides(*({(edge[0].name, edge[1].name, *edge[2:]) for edge in every if side(*edge)} for side in (out, into)))


def connections(platform: Platform) -> Iterator[tuple[Place, Place, int, str]]:
    """All that concern the platform."""
    own = [*pods(platform), *intruders(platform), solver(platform)]
    everybody = [*own, *STRANGERS, *ADDRESSES]
    for source, target in product(everybody, everybody):
        if source != target and (source in own or target in own):
            yield from ((source, target, port, protocol) for port, protocol in PORTS)


def measured(platform: Platform) -> set[str]:
    """The stores with queues that something is scaled by."""
    ranges = [service.replicas for service in platform.services.values() if isinstance(service.replicas, Scaling)]
    return {scaling.queue.store for scaling in ranges if scaling.queue and scaling.min != scaling.max}


def is_ours(platform: Platform, place: Place) -> bool:
    return place.namespace in (platform.name, f"{platform.name}-tasks")


def may_call(platform: Platform, source: Place, target: Place, port: int, protocol: str) -> bool:
    if not is_ours(platform, source):
        return True
    if source.name in platform.services and source.namespace == platform.name:
        return service_calls(platform, source.name, target, port, protocol)
    if source.name == "queue-meter":
        return meter_calls(platform, target, port, protocol)
    if source.name in platform.tasks:
        return task_calls(platform, source.name, target, port)
    return False


def service_calls(platform: Platform, name: str, target: Place, port: int, protocol: str) -> bool:
    service = platform.services[name]
    starts_jobs = bool(service.starts) and platform.docker == "guard"
    if service.egress == "public" and target in INTERNET:
        return True
    if (service.uses or starts_jobs or service.egress == "public") and asks_for_names(target, port):
        return True
    if protocol != "TCP":
        return False
    return (starts_jobs and port in (443, 6443)) or any(is_used(platform, used, target, port) for used in service.uses)


def meter_calls(platform: Platform, target: Place, port: int, protocol: str) -> bool:
    if asks_for_names(target, port):
        return True
    return protocol == "TCP" and any(is_used(platform, store, target, port) for store in measured(platform))


def task_calls(platform: Platform, name: str, target: Place, port: int) -> bool:
    egress = platform.tasks[name].egress
    if egress == "none":
        return False
    hosts: Sequence[str] = [] if isinstance(egress, str) else egress
    by_name = egress == "public" or any(not is_address(host) for host in hosts)
    return target.address in hosts or (by_name and (target in INTERNET or asks_for_names(target, port)))


def asks_for_names(target: Place, port: int) -> bool:
    return target in (DNS, NODE_CACHE) and port == 53


def is_used(platform: Platform, used: str, target: Place, port: int) -> bool:
    if isinstance(platform.stores.get(used), ExternalStore):
        address, own_port = outside(platform, used)
        # Where a name leads, no policy knows: any address, but at this port.
        return port == own_port and address in (None, target.address)
    return target.namespace == platform.name and target.name == used and port == port_of(platform, used)


def lets_in(platform: Platform, source: Place, target: Place, port: int, protocol: str) -> bool:
    if not is_ours(platform, target):
        return True
    if target.name == "queue-meter":
        return (port, protocol) == (8080, "TCP")
    edge = way_in(platform)
    if target == solver(platform) and edge and isinstance(edge.tls, Issuer):
        return source == PROXIES[edge.kind] and (port, protocol) == (8089, "TCP")
    if target.name not in (*platform.services, *local_stores(platform)) or target.namespace != platform.name:
        return False
    if protocol != "TCP" or port != port_of(platform, target.name):
        return False
    service = platform.services.get(target.name)
    caller = platform.services.get(source.name) if source.namespace == platform.name else None
    if source.name == "queue-meter" and target.name in measured(platform):
        return True
    if service and service.route and (edge is None or source == PROXIES[edge.kind]):
        return True
    return bool(caller and target.name in caller.uses)


def way_in(platform: Platform) -> EdgeOfCatalog | None:
    """By which clients come, if the cluster has it."""
    routed = any(service.route for service in platform.services.values())
    edge = platform.edge
    return edge if edge and routed and edge.host != "localhost" else None


def port_of(platform: Platform, name: str) -> int | None:
    service = platform.services.get(name)
    return service.port if service else local_stores(platform)[name].port


def outside(platform: Platform, store: str) -> tuple[str | None, int]:
    """Address and port of an external store; None where only its name is known."""
    external = platform.stores[store]
    assert isinstance(external, ExternalStore)
    return {
        "https://10.0.0.7": ("10.0.0.7", 443),
        "https://db.example.com": (None, 443),
        "libsql://archive.example.com": (None, 443),
        "http://[fd00::7]:8080": ("fd00::7", 8080),
        "redis://10.0.0.7:6380": ("10.0.0.7", 6380),
        "redis://[fd00::6]:6380": ("fd00::6", 6380),
        "rediss://10.0.0.7:6380/2": ("10.0.0.7", 6380),
        "rediss://redis.example.com": (None, 6379),
        "rediss://redis.internal:6380": (None, 6380),
    }[external.external]


def is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdecimal()
