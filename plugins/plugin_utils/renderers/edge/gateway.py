# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The entrance as objects of the Gateway API, with the policies of Envoy Gateway.

https://gateway-api.sigs.k8s.io/reference/spec/, https://gateway.envoyproxy.io/docs/api/extension_types/
"""

from __future__ import annotations

from collections.abc import Iterator

from ...model.edge import Edge, is_address
from ...model.errors import Problem, words
from ..manifests.parts import Object, Part
from ..names import EDGE
from .entrance import EdgeRoute, Entrance, token_services
from .gateway_access import access_policies
from .gateway_parts import GROUP, backend
from .gateway_policies import client_policy, route_policy

_API = f"{GROUP}/v1"
# The name of no service: names.py keeps it free.
_REDIRECT = f"{EDGE}-redirect"
# Of a route, at a time: Envoy's own number, since Envoy Gateway 1.9.1 gives another one only to what has no limits.
_CLIENTS = 20
# Of the proxies that Envoy Gateway starts, for one Gateway or for several together.
PROXY_LABELS = {"app.kubernetes.io/component": "proxy", "app.kubernetes.io/managed-by": "envoy-gateway"}


def gateway_refusals(edge: Edge) -> Iterator[Problem]:
    if edge.class_name is None:
        yield Problem(
            ("edge", "class_name"), "is missing; expected the name of a GatewayClass of the cluster, such as eg"
        )
    if is_address(edge.host):
        yield Problem(("edge", "host"), f"{edge.host} is an address, and a Gateway serves names; expected a host name")


def gateway_notes(ways: Entrance, has_key: bool) -> Iterator[str]:
    """What Envoy Gateway is not told, or cannot be. has_key: it gets that of Clerk's tokens."""
    by_token = token_services(ways)
    if by_token and not has_key:
        yield (
            f"route.auth: Envoy Gateway does not get the key of Clerk's tokens, and lets every request through to "
            f"{words(by_token)}; who has no session is sent away there"
        )
    limited = [each.service for each in ways.routes if each.limit]
    if limited:
        yield (
            f"rate_limit: Envoy Gateway 1.9.1 remembers the last {_CLIENTS} clients of a route: one that comes to "
            f"{words(limited)} after so many others has all of its requests anew"
        )
    streaming = [each.service for each in ways.routes if each.timeout is None]
    if streaming:
        yield (
            "body_limit: Envoy Gateway limits no bodies where it lets WebSockets pass, so not those for "
            f"{words(streaming)}"
        )


def gateway_objects(
    part: Part, entrance: Entrance, class_name: str, secret: str, key_set: str | None
) -> Iterator[Object]:
    """secret: name of the Secret with the certificate, in the same namespace. key_set: of Clerk's tokens."""
    yield part.object(_API, "Gateway", {"spec": _gateway(entrance.host, class_name, secret)}, name=EDGE)
    yield part.object(_API, "HTTPRoute", {"spec": _redirect(entrance.host)}, name=_REDIRECT)
    yield client_policy(part, entrance)
    for each in entrance.routes:
        yield part.object(_API, "HTTPRoute", {"spec": _route(entrance.host, each)}, name=each.service)
        yield route_policy(part, entrance, each, verified=bool(key_set))
    yield from access_policies(part, entrance, key_set)


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
        "backendRefs": [backend(each)],
        "timeouts": {"request": f"{each.timeout.seconds}s" if each.timeout else "0s"},
    }
    return {**_attached("https", host), "rules": [rule]}


def _attached(listener: str, host: str) -> Object:
    parent = {"group": GROUP, "kind": "Gateway", "name": EDGE, "sectionName": listener}
    return {"parentRefs": [parent], "hostnames": [host]}
