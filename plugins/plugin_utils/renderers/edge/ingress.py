# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The entrance as Ingresses, with the middlewares of Traefik that keep its limits.

https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...model.edge import Edge, is_address
from ...model.errors import Problem
from ..manifests.parts import Object, Part
from ..names import EDGE
from .entrance import Asked, EdgeRoute, Entrance, Limit
from .envoy_access import ASKED_AT, TOLD

# The pods of Traefik, and its entry points, as its own chart calls them.
PROXY_LABELS = {"app.kubernetes.io/name": "traefik"}
HTTP, HTTPS = "web", "websecure"
_TRAEFIK = "traefik.io/v1alpha1"
_ROUTER = "traefik.ingress.kubernetes.io/router"
_TRANSPORT = "traefik.ingress.kubernetes.io/service.serverstransport"
_REDIRECT = f"{EDGE}-redirect"
# Of what a service answers those that it does not let in.
_MAX_ANSWER_BYTES = 64 * 1024
# Who has an IPv6 address has all of its network.
_IPV6_PREFIX = 64
# Traefik takes the rule with the longest text first, and so `PathPrefix(/)` before `Path(/v1)`. With this and the
# length of its path, a route goes by that, and before what others have for all hosts.
_PRIORITY = 10_000
# Headers of the edge replace those of services: where browsers do the same without one, theirs stay.
_LEFT_TO_SERVICES = ("Referrer-Policy",)


def ingress_refusals(edge: Edge) -> Iterator[Problem]:
    if is_address(edge.host):
        yield Problem(("edge", "host"), f"{edge.host} is an address, and an Ingress serves names; expected a host name")


def ingress_objects(part: Part, entrance: Entrance, class_name: str | None, secret: str) -> Iterator[Object]:
    """class_name: None for the cluster's own. secret: name of the Secret with the certificate, in this namespace."""
    site = _Site(part, entrance, class_name, secret)
    yield part.object(_TRAEFIK, "TLSOption", {"spec": {"minVersion": "VersionTLS12"}}, name=EDGE)
    yield from _redirect(site)
    for route in entrance.routes:
        yield from _route(site, route)


def service_annotations(part: Part, route: EdgeRoute) -> dict[str, str] | None:
    """Of the address of a service: how Traefik calls it."""
    return {_TRANSPORT: _reference(part, route.service)} if route.timeout else None


@dataclass(frozen=True)
class _Site:
    """What all Ingresses have in common."""

    part: Part
    entrance: Entrance
    class_name: str | None
    secret: str

    def ingress(self, name: str, annotations: Mapping[str, str], paths: list[Object]) -> Object:
        host = self.entrance.host
        spec = {
            "ingressClassName": self.class_name,
            "rules": [{"host": host, "http": {"paths": paths}}],
            "tls": [{"hosts": [host], "secretName": self.secret}],
        }
        item = self.part.object("networking.k8s.io/v1", "Ingress", {"spec": spec}, name=name)
        return {**item, "metadata": {**item["metadata"], "annotations": dict(annotations)}}


def _redirect(site: _Site) -> Iterator[Object]:
    """Everything by HTTP."""
    spec = {"redirectScheme": {"scheme": "https", "permanent": True}}
    yield site.part.object(_TRAEFIK, "Middleware", {"spec": spec}, name=_REDIRECT)
    # An Ingress has to lead somewhere; nobody gets that far.
    paths = [_path("/", "Prefix", site.entrance.routes[-1])]
    yield site.ingress(EDGE, _router(HTTP, [_reference(site.part, _REDIRECT)]), paths)


def _route(site: _Site, route: EdgeRoute) -> Iterator[Object]:
    part, name = site.part, route.service
    # In this order: the headers are on what the others answer, too, and who asks too often sends nothing whole.
    middlewares = {f"{name}-headers": _headers(site.entrance.headers, route)}
    if route.limit:
        middlewares[f"{name}-rate-limit"] = {"rateLimit": _rate_limit(route.limit, site.entrance.trusted_proxies)}
    if isinstance(route.access, Asked):
        middlewares[f"{name}-access"] = {"forwardAuth": _asking(part, route)}
    if not streams(route):
        middlewares[f"{name}-body-limit"] = {"buffering": {"maxRequestBodyBytes": route.body_limit.bytes}}
    for middleware, spec in middlewares.items():
        yield part.object(_TRAEFIK, "Middleware", {"spec": spec}, name=middleware)
    if route.timeout:
        timeouts = {"forwardingTimeouts": {"responseHeaderTimeout": f"{route.timeout.seconds}s"}}
        yield part.object(_TRAEFIK, "ServersTransport", {"spec": timeouts}, name=name)
    annotations = {
        **_router(HTTPS, [_reference(part, middleware) for middleware in middlewares]),
        f"{_ROUTER}.priority": str(_PRIORITY + len(route.path)),
        f"{_ROUTER}.tls": "true",
        f"{_ROUTER}.tls.options": _reference(part, EDGE),
    }
    yield site.ingress(name, annotations, _paths(route))


def streams(route: EdgeRoute) -> bool:
    """Whether answers may go on. What limits bodies keeps answers until they are whole."""
    return route.timeout is None


def _headers(added: Mapping[str, str], route: EdgeRoute) -> dict[str, Any]:
    answers = {key: value for key, value in added.items() if key not in _LEFT_TO_SERVICES}
    # Without this header, a request for a WebSocket is one like all others.
    requests = None if streams(route) else {"Upgrade": ""}
    return {"headers": {"customRequestHeaders": requests, "customResponseHeaders": answers}}


def _rate_limit(limit: Limit, trusted: tuple[str, ...]) -> dict[str, Any]:
    return {
        "average": limit.requests,
        "period": f"{limit.seconds}s",
        "burst": burst(limit),
        "sourceCriterion": _client(limit, trusted),
    }


def burst(limit: Limit) -> int:
    """Requests at once. Traefik forgets a client a second, or the time of one request, after the last one.

    With more than that time fills, who makes a break would have more than the limit.
    """
    return max(1, limit.requests // limit.seconds)


def _asking(part: Part, route: EdgeRoute) -> dict[str, Any]:
    """The service is asked about each request. Traefik adds its address, as X-Forwarded-Host and -Uri."""
    return {
        "address": f"http://{route.service}.{part.namespace}.svc:{route.port}{ASKED_AT}",
        "authRequestHeaders": ["authorization", *(name for name in TOLD if not name.startswith("x-forwarded-"))],
        "trustForwardHeader": False,
        "preserveRequestMethod": True,
        # As the service says it: to Traefik it would lead to the address at which it has asked.
        "preserveLocationHeader": True,
        "maxResponseBodySize": _MAX_ANSWER_BYTES,
    }


def _client(limit: Limit, trusted: tuple[str, ...]) -> dict[str, Any]:
    if limit.header:
        return {"requestHeaderName": limit.header}
    return {"ipStrategy": {"excludedIPs": list(trusted)} if trusted else {"ipv6Subnet": _IPV6_PREFIX}}


def _paths(route: EdgeRoute) -> list[Object]:
    """Traefik's prefixes end within a word, unless it is told otherwise: `/v1` would be that of `/v10`, too."""
    if route.path == "/":
        return [_path("/", "Prefix", route)]
    return [_path(route.path, "Exact", route), _path(f"{route.path}/", "Prefix", route)]


def _path(path: str, kind: str, route: EdgeRoute) -> Object:
    backend = {"service": {"name": route.service, "port": {"number": route.port}}}
    return {"path": path, "pathType": kind, "backend": backend}


def _router(entry_point: str, middlewares: list[str]) -> dict[str, str]:
    return {f"{_ROUTER}.entrypoints": entry_point, f"{_ROUTER}.middlewares": ",".join(middlewares)}


def _reference(part: Part, name: str) -> str:
    """How annotations name an object of Traefik's."""
    return f"{part.namespace}-{name}@kubernetescrd"
