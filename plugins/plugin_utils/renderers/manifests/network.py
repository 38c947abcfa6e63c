# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Who may call whom, as NetworkPolicies: nobody, but for what the catalog says.

A connection needs leave on both sides. https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

from ...model.edge import Issuer
from ...model.platform import Platform
from ...model.stores import ExternalStore
from ...model.tasks import Task
from ..edge.on_cluster import edge_of, proxies
from ..names import EDGE, METER, local_stores
from .cluster import Cluster
from .parts import Object, part_of, platform_part
from .services import starts_jobs
from .tasks import runs_tasks

# The name of no service, task or store: names.py keeps it free.
DEFAULT_DENY = "default-deny"
SOLVERS = f"{EDGE}-acme"
# https://cert-manager.io/docs/configuration/acme/http01/
_SOLVER_PORT = 8089
_BOTH_WAYS = ["Ingress", "Egress"]
_API_SERVER_PORTS = (443, 6443)
_PORT_OF_SCHEME = {"redis": 6379, "rediss": 6379, "http": 80, "ws": 80, "https": 443, "wss": 443, "libsql": 443}

# Every address that belongs to somebody on the internet. What is left out: private, shared (carrier-grade NAT),
# loopback, link-local (the clouds' metadata services), multicast, reserved, and what embeds such an address.
# https://www.iana.org/assignments/iana-ipv4-special-registry, …/iana-ipv6-special-registry
_PUBLIC = (
    {
        "cidr": "0.0.0.0/0",
        "except": [
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
            "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
        ],
    },
    {"cidr": "2000::/3", "except": ["2001::/23", "2002::/16"]},
)  # fmt: skip
# The cluster's name service, and the cache of it that some clusters run on each node.
# https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/
_NAME_SERVICE = (
    {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    },
    {"ipBlock": {"cidr": "169.254.20.10/32"}},
)
_DNS = {
    "to": list(_NAME_SERVICE),
    "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}],
}


def network_policies(platform: Platform, cluster: Cluster) -> Iterator[Object]:
    """One that closes each namespace, and one per part of the platform with what it may do."""
    namespaces = [cluster.namespace, *([cluster.tasks_namespace] if runs_tasks(platform) else [])]
    for namespace in namespaces:
        part = platform_part(platform, cluster, namespace)
        spec = {"podSelector": {}, "policyTypes": _BOTH_WAYS}
        yield part.object("networking.k8s.io/v1", "NetworkPolicy", {"spec": spec}, name=DEFAULT_DENY)
    for name in (*platform.services, *local_stores(platform)):
        yield from _policy(platform, cluster, name, _ingress(platform, cluster, name), _egress(platform, cluster, name))
    if runs_tasks(platform):
        for name, task in platform.tasks.items():
            yield from _policy(platform, cluster, name, [], _task_egress(task))
    yield from _solvers(platform, cluster)


def called_by_name(platform: Platform, service: str) -> list[str]:
    """The stores outside that a service knows by name only: no policy can say where they are."""
    outside = [used for used in platform.services[service].uses if isinstance(platform.stores.get(used), ExternalStore)]
    return [used for used in outside if _address(_host_and_port(platform, used)[0]) is None]


def hosts_by_name(task: Task) -> list[str]:
    """The same for the hosts that a task may call."""
    return [] if isinstance(task.egress, str) else [host for host in task.egress if _address(host) is None]


def _policy(
    platform: Platform, cluster: Cluster, name: str, ingress: list[Object], egress: list[Object]
) -> Iterator[Object]:
    if ingress or egress:
        part = part_of(platform, cluster, name)
        spec = {
            "podSelector": {"matchLabels": part.selector},
            "policyTypes": _BOTH_WAYS,
            "ingress": ingress or None,
            "egress": egress or None,
        }
        yield part.object("networking.k8s.io/v1", "NetworkPolicy", {"spec": spec})


def _ingress(platform: Platform, cluster: Cluster, name: str) -> list[Object]:
    return [*_callers(platform, cluster, name), *_readers(platform, cluster, name)]


def _callers(platform: Platform, cluster: Cluster, name: str) -> list[Object]:
    service = platform.services.get(name)
    # Who asks the meter, KEDA and the API server, is elsewhere in each cluster; it tells nothing but counts.
    if service and service.port and name == METER:
        return [_to_ports(service.port)]
    edge = edge_of(platform) if cluster.edge else None
    # Without an edge that we know, who leads clients in is for the cluster to say.
    if service and service.port and service.route and edge is None:
        return [_to_ports(service.port)]
    port = service.port if service else local_stores(platform)[name].port
    users = sorted(user for user, other in platform.services.items() if name in other.uses)
    peers = [_pods(platform, cluster, user) for user in users]
    peers += [proxies(edge)] if edge and service and service.route else []
    return [{"from": peers, **_to_ports(port)}] if peers and port else []


def _readers(platform: Platform, cluster: Cluster, name: str) -> list[Object]:
    """Who reads its metrics, which are at a port of their own."""
    service = platform.services.get(name)
    if cluster.watching is None or service is None or service.metrics is None:
        return []
    namespace = {"matchLabels": {"kubernetes.io/metadata.name": cluster.watching.namespace}}
    return [{"from": [{"namespaceSelector": namespace}], **_to_ports(service.metrics.port)}]


def _solvers(platform: Platform, cluster: Cluster) -> Iterator[Object]:
    """Pods that cert-manager starts for a moment: the edge leads whoever issues the certificate to them."""
    edge = edge_of(platform) if cluster.edge else None
    if edge and isinstance(edge.tls, Issuer):
        part = platform_part(platform, cluster, cluster.namespace)
        spec = {
            "podSelector": {"matchLabels": {"acme.cert-manager.io/http01-solver": "true"}},
            "policyTypes": _BOTH_WAYS,
            "ingress": [{"from": [proxies(edge)], **_to_ports(_SOLVER_PORT)}],
        }
        yield part.object("networking.k8s.io/v1", "NetworkPolicy", {"spec": spec}, name=SOLVERS)


def _egress(platform: Platform, cluster: Cluster, name: str) -> list[Object]:
    service = platform.services.get(name)
    if service is None:
        return []
    rules = [_to_used(platform, cluster, used) for used in sorted(service.uses)]
    rules += [_to_public()] if service.egress == "public" else []
    # Where the API server is differs by cluster, and is no pod's address.
    rules += [_to_ports(*_API_SERVER_PORTS)] if starts_jobs(platform, service) else []
    return [_DNS, *rules] if rules else []


def _to_used(platform: Platform, cluster: Cluster, used: str) -> Object:
    if isinstance(platform.stores.get(used), ExternalStore):
        host, port = _host_and_port(platform, used)
        address = _address(host)
        return {"to": [_block(address)] if address else None, **_to_ports(port)}
    service = platform.services.get(used)
    own_port = service.port if service else local_stores(platform)[used].port
    return {"to": [_pods(platform, cluster, used)], **_to_ports(own_port or 0)}


def _task_egress(task: Task) -> list[Object]:
    """Names are no addresses: a task that lists some may call all that is public, and keeps to them itself."""
    if task.egress == "none":
        return []
    listed = [] if isinstance(task.egress, str) else [address for host in task.egress if (address := _address(host))]
    rules = [{"to": [_block(address) for address in listed]}] if listed else []
    by_name = task.egress == "public" or bool(hosts_by_name(task))
    return [_DNS, *rules, _to_public()] if by_name else rules


def _to_public() -> Object:
    return {"to": [{"ipBlock": dict(block)} for block in _PUBLIC]}


def _to_ports(*ports: int) -> Object:
    return {"ports": [{"port": port, "protocol": "TCP"} for port in ports]}


def _pods(platform: Platform, cluster: Cluster, name: str) -> Object:
    return {"podSelector": {"matchLabels": part_of(platform, cluster, name).selector}}


def _block(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> Object:
    return {"ipBlock": {"cidr": f"{address}/{address.max_prefixlen}"}}


def _host_and_port(platform: Platform, store: str) -> tuple[str, int]:
    external = platform.stores[store]
    url = urlsplit(external.external if isinstance(external, ExternalStore) else "")
    return url.hostname or "", url.port or _PORT_OF_SCHEME[url.scheme]


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
