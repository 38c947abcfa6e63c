# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What Envoy Gateway is told besides where requests go: limits, timeouts, whose word counts.

The values are those of the Envoy that runs under Compose; envoy.py and envoy_routes.py say why.
"""

from __future__ import annotations

from typing import Any

from ..manifests.parts import Object, Part
from ..names import EDGE
from .entrance import EdgeRoute, Entrance, Limit, Tokens
from .envoy import CONNECTION_WINDOW, HANDSHAKE, HEADERS_SECONDS, KEEP_ALIVE, STREAM_WINDOW, STREAMS, distrusted
from .envoy_routes import CONNECT, IDLE_UPSTREAM, RETRIES, RETRY_ON, idle_seconds
from .gateway_access import no_session
from .gateway_parts import GROUP, POLICY_API, route_target

_UNITS = {1: "Second", 60: "Minute", 3600: "Hour"}
_ADDRESSES = ("0.0.0.0/0", "::/0")


def client_policy(part: Part, entrance: Entrance) -> Object:
    """What holds between clients and the edge."""
    seconds = entrance.request_timeout.seconds
    trusted = entrance.trusted_proxies
    spec = {
        "targetRefs": [{"group": GROUP, "kind": "Gateway", "name": EDGE}],
        "clientIPDetection": {"xForwardedFor": {"trustedCIDRs": list(trusted)}} if trusted else None,
        "headers": {
            "disableRateLimitHeaders": True,
            "earlyRequestHeaders": {
                "removeOnMatch": [{"type": "Prefix", "value": prefix} for prefix in distrusted(trusted)]
            },
            "enableEnvoyHeaders": False,
            "lateResponseHeaders": {
                "addIfAbsent": [{"name": name, "value": value} for name, value in entrance.headers.items()]
            },
            "withUnderscoresAction": "RejectRequest",
        },
        "http2": {
            "initialConnectionWindowSize": str(CONNECTION_WINDOW),
            "initialStreamWindowSize": str(STREAM_WINDOW),
            "maxConcurrentStreams": STREAMS,
        },
        "path": {"escapedSlashesAction": "RejectRequest"},
        "timeout": {
            "http": {
                "idleTimeout": KEEP_ALIVE,
                "requestHeadersReceivedTimeout": f"{min(seconds, HEADERS_SECONDS)}s",
                "requestReceivedTimeout": f"{seconds}s",
            },
            "tcp": {"tlsHandshakeTimeout": HANDSHAKE, "connectionInspectionTimeout": HANDSHAKE},
        },
        "tls": {"minVersion": "1.2"},
    }
    return part.object(POLICY_API, "ClientTrafficPolicy", {"spec": spec}, name=EDGE)


def route_policy(part: Part, entrance: Entrance, each: EdgeRoute, verified: bool) -> Object:
    """What holds for one route, and between the edge and the service. verified: tokens are."""
    overrides = [
        *([_retry_after(each.limit)] if each.limit else []),
        *(no_session() if verified and isinstance(each.access, Tokens) else []),
    ]
    spec = {
        "targetRefs": [route_target(each)],
        **_body(each),
        "rateLimit": _rate_limit(each.limit) if each.limit else None,
        "responseOverride": overrides or None,
        "retry": {"numRetries": RETRIES, "retryOn": {"triggers": list(RETRY_ON)}},
        "timeout": {
            "http": {
                "connectionIdleTimeout": IDLE_UPSTREAM,
                "streamIdleTimeout": f"{idle_seconds(entrance, each)}s",
            },
            "tcp": {"connectTimeout": CONNECT},
        },
    }
    return part.object(POLICY_API, "BackendTrafficPolicy", {"spec": spec}, name=each.service)


def _body(each: EdgeRoute) -> dict[str, Any]:
    """A limit of bodies keeps WebSockets out; a WebSocket has no body that ends, which the limit would wait for."""
    if each.timeout is None:
        return {"httpUpgrade": [{"type": "websocket"}]}
    return {"requestBuffer": {"limit": str(each.body_limit.bytes)}}


def _rate_limit(limit: Limit) -> Object:
    rate = {"requests": limit.requests, "unit": _UNITS[limit.seconds]}
    return {"local": {"rules": [{"clientSelectors": [client], "limit": rate} for client in _clients(limit)]}}


def _clients(limit: Limit) -> list[Object]:
    """By way of telling clients apart: each value has a bucket of its own."""
    by_address = [{"sourceCIDR": {"type": "Distinct", "value": value, "invert": False}} for value in _ADDRESSES]
    if limit.header is None:
        return by_address
    absent = [{"name": limit.header, "type": "RegularExpression", "value": ".*", "invert": True}]
    return [
        {"headers": [{"name": limit.header, "type": "Distinct", "invert": False}]},
        *({"headers": absent, **address} for address in by_address),
    ]


def _retry_after(limit: Limit) -> Object:
    """Of the edge's own answers only: a service may say something else."""
    return {
        "match": {"statusCodes": [{"type": "Value", "value": 429}]},
        "response": {"header": {"set": [{"name": "Retry-After", "value": str(limit.retry_after)}]}},
        "source": "Local",
    }
