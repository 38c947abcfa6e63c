# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What Traefik does not do by Ingresses and middlewares, or in a way of its own: said, never dropped in silence."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.errors import words
from .entrance import Asked, Entrance, token_services
from .ingress import HTTP, HTTPS, burst, streams


def ingress_notes(ways: Entrance) -> list[str]:
    """One sentence per field, with the names it concerns."""
    return [
        *_entry_points(ways),
        *_trusted_proxies(ways),
        *_access(ways),
        *_rate_limit(ways),
        *_body_limit(ways),
        *_timeout(ways),
        *_headers(ways),
    ]


def _entry_points(ways: Entrance) -> Iterator[str]:
    yield (
        f"edge: Traefik's entry points are expected to be called {HTTP} and {HTTPS}; they decide about escaped slashes "
        "in paths (http.encodedCharacters) and names of headers with `_` (http.aliasHeadersStrategy), and let both "
        "through unless told otherwise"
    )
    yield (
        "edge: Traefik has to keep routes to services that have no pods "
        "(providers.kubernetesIngress.allowEmptyServices), or their requests go to the route with the next shorter path"
    )
    yield (
        "request_timeout: Traefik's entry points say how long a client may take to send a request "
        f"(transport.respondingTimeouts.readTimeout); asked for are {ways.request_timeout.text}"
    )


def _trusted_proxies(ways: Entrance) -> Iterator[str]:
    if ways.trusted_proxies:
        yield (
            f"trusted_proxies: Traefik's entry points have to trust {words(ways.trusted_proxies)}, too "
            "(forwardedHeaders.trustedIPs); to rate limits, requests that do not come by way of them are all one "
            "client's, and each IPv6 address is a client"
        )


def _access(ways: Entrance) -> Iterator[str]:
    asked = [route.service for route in ways.routes if isinstance(route.access, Asked)]
    if asked:
        yield (
            f"route.auth: Traefik asks {words(asked)} about each request, and waits 30s for the answer; without one, "
            "clients get 500"
        )
    by_token = token_services(ways)
    if by_token:
        yield (
            f"route.auth: Traefik verifies no tokens, and lets every request through to {words(by_token)}; who has "
            "none is sent away there"
        )


def _rate_limit(ways: Entrance) -> Iterator[str]:
    limits = {route.service: route.limit for route in ways.routes if route.limit}
    if limits:
        yield f"rate_limit: each pod of Traefik counts the requests to {words(list(limits))} for itself"
    fewer = [
        f"{name} ({burst(limit)} of {limit.requests})"
        for name, limit in limits.items()
        if burst(limit) < limit.requests
    ]
    if fewer:
        yield (
            "rate_limit: Traefik forgets clients within seconds, so that a limit over a longer time lets through fewer "
            f"requests at once: {words(fewer)}"
        )
    told_apart = [f"{name} ({limit.header})" for name, limit in limits.items() if limit.header]
    if told_apart:
        yield f"rate_limit: requests without the header that tells clients apart are one client's: {words(told_apart)}"


def _body_limit(ways: Entrance) -> Iterator[str]:
    unlimited = [route.service for route in ways.routes if streams(route)]
    if unlimited:
        yield (
            f"body_limit: nothing limits the bodies of requests to {words(unlimited)}, for what does so keeps answers "
            "until they are whole"
        )


def _timeout(ways: Entrance) -> Iterator[str]:
    limited = [f"{route.service} ({route.timeout.text})" for route in ways.routes if route.timeout]
    if limited:
        yield (
            f"timeout: Traefik waits so long for an answer to begin, not for all of it: {words(limited)}; it tries "
            "nothing again"
        )


def _headers(ways: Entrance) -> Iterator[str]:
    yield (
        f"route: X-Frame-Options and the like that the edge adds to answers of {words(_services(ways))} replace what "
        "these say themselves; Referrer-Policy is theirs alone"
    )


def _services(ways: Entrance) -> list[str]:
    return [route.service for route in ways.routes]
