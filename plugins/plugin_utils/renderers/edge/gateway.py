# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The entrance as objects of the Gateway API, with the policies of Envoy Gateway.

https://gateway-api.sigs.k8s.io/reference/spec/, https://gateway.envoyproxy.io/docs/api/extension_types/
"""

from __future__ import annotations

from collections.abc import Iterator

from ...model.edge import Edge, is_address
from ...model.errors import Problem, words
from ...model.platform import Platform
from ..manifests.parts import Object, Part
from ..names import EDGE
from .entrance import EdgeRoute, Entrance
from .gateway_policies import client_policy, route_policy

_API, _GROUP = "gateway.networking.k8s.io/v1", "gateway.networking.k8s.io"
# The name of no service: names.py keeps it free.
_REDIRECT = f"{EDGE}-redirect"
# Of the proxies that Envoy Gateway starts, for one Gateway or for several together.
PROXY_LABELS = {"app.kubernetes.io/component": "proxy", "app.kubernetes.io/managed-by": "envoy-gateway"}


def gateway_refusals(edge: Edge) -> Iterator[Problem]:
    if edge.class_name is None:
        yield Problem(
            ("edge", "class_name"), "is missing; expected the name of a GatewayClass of the cluster, such as eg"
        )
    if is_address(edge.host):
        yield Problem(("edge", "host"), f"{edge.host} is an address, and a Gateway serves names; expected a host name")


def gateway_notes(platform: Platform) -> Iterator[str]:
    """What Envoy Gateway cannot be told."""
    streaming = [name for name, service in platform.services.items() if service.route and service.route.streams]
    if streaming:
        yield (
            "body_limit: Envoy Gateway limits no bodies where it lets WebSockets pass, so not those for "
            f"{words(streaming)}"
        )


def gateway_objects(part: Part, entrance: Entrance, class_name: str, secret: str) -> Iterator[Object]:
    """secret: name of the Secret with the certificate, in the same namespace."""
    yield part.object(_API, "Gateway", {"spec": _gateway(entrance.host, class_name, secret)}, name=EDGE)
    yield part.object(_API, "HTTPRoute", {"spec": _redirect(entrance.host)}, name=_REDIRECT)
    yield client_policy(part, entrance)
    for each in entrance.routes:
        yield part.object(_API, "HTTPRoute", {"spec": _route(entrance.host, each)}, name=each.service)
        yield route_policy(part, entrance, each)


def _gateway(host: str, class_name: str, secret: str) -> Object:
    common = {"hostname": host, "allowedRoutes": {"namespaces": {"from": "Same"}}}
    certificate = {"group": "", "kind": "Secret", "name": secret}
    return {
        "gatewayClassName": class_name,
        "listeners": [
            {"name": "http", "port": 80, "protocol": "HTTP", **common},
            {
                "name": "https",
                "port": 443,
                "protocol": "HTTPS",
                "tls": {"mode": "Terminate", "certificateRefs": [certificate]},
                **common,
            },
        ],
    }


def _redirect(host: str) -> Object:
    everything = {"path": {"type": "PathPrefix", "value": "/"}}
    to_https = {"type": "RequestRedirect", "requestRedirect": {"scheme": "https", "statusCode": 301}}
    return {**_attached("http", host), "rules": [{"matches": [everything], "filters": [to_https]}]}


def _route(host: str, each: EdgeRoute) -> Object:
    """Of several that fit, the one with the longest path is taken."""
    rule = {
        "matches": [{"path": {"type": "PathPrefix", "value": each.path}}],
        "backendRefs": [{"group": "", "kind": "Service", "name": each.service, "port": each.port, "weight": 1}],
        "timeouts": {"request": f"{each.timeout.seconds}s" if each.timeout else "0s"},
    }
    return {**_attached("https", host), "rules": [rule]}


def _attached(listener: str, host: str) -> Object:
    parent = {"group": _GROUP, "kind": "Gateway", "name": EDGE, "sectionName": listener}
    return {"parentRefs": [parent], "hostnames": [host]}
