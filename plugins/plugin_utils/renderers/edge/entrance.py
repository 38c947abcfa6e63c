# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What an edge does, whatever program is the edge."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ...model.clerk import JWT_KEY, issuer, needs_sessions, signs_in
from ...model.edge import is_loopback
from ...model.errors import CatalogError, Problem
from ...model.platform import Platform
from ...model.quantities import Duration, Memory
from ...model.services import HeaderKey, RateLimit

_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_HEADERS = {
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Limit:
    """Requests of one client in a time. header: what tells clients apart where it is sent; else their address does."""

    requests: int
    seconds: int
    header: str | None

    @property
    def retry_after(self) -> int:
        """Seconds until a client that has used up its requests has one again."""
        return -(-self.seconds // self.requests)


@dataclass(frozen=True)
class Asked:
    """The service says of each request whether it may come in, and what becomes of it otherwise."""


@dataclass(frozen=True)
class Tokens:
    """A request needs a token of Clerk. issuer: None where the catalog does not tell; the service knows it."""

    issuer: str | None


@dataclass(frozen=True)
class EdgeRoute:
    """Where requests with this prefix of a path go. path: whole segments, without a slash at the end but for `/`.

    timeout: None where answers may go on without an end. access: None where everybody may come in.
    """

    path: str
    service: str
    port: int
    limit: Limit | None
    body_limit: Memory
    timeout: Duration | None
    access: Asked | Tokens | None


@dataclass(frozen=True)
class Entrance:
    """One name, and the routes below it: the first that fits is taken.

    headers: of every answer whose program does not set them itself. request_timeout: for a client to send a request
    whole. trusted_proxies: ranges of addresses whose word on who the client is counts.
    """

    host: str
    routes: tuple[EdgeRoute, ...]
    headers: Mapping[str, str]
    request_timeout: Duration
    trusted_proxies: tuple[str, ...]


def entrance(platform: Platform, empty_secrets: Collection[str] = ()) -> Entrance:
    """What the catalog says of its edge. Raises CatalogError if it says nothing, or a key is missing.

    empty_secrets: those without a value, as optional ones may be.
    """
    edge = platform.edge
    routes = [_route(platform, name, empty_secrets) for name, service in platform.services.items() if service.route]
    if edge is None or not routes:
        at, missing = (("edge",), "{host: localhost}") if edge is None else (("services",), "route: {path: /} of one")
        text = f"nothing leads in, but the edge is to run; expected such as {missing}"
        raise CatalogError([str(Problem(at, text))])
    return Entrance(
        host=edge.host.lower(),
        # The longest first: a path below another one is longer than that.
        routes=tuple(sorted(routes, key=lambda route: (-len(route.path), route.path))),
        headers=_headers(edge.host),
        request_timeout=edge.request_timeout,
        trusted_proxies=tuple(str(each) for each in edge.trusted_proxies),
    )


def token_services(way_in: Entrance) -> list[str]:
    """Services for which the edge needs the public key of Clerk's tokens."""
    return [route.service for route in way_in.routes if isinstance(route.access, Tokens)]


def missing_key(service: str) -> Problem:
    """It cannot tell who may come in there."""
    text = f"has no value, and the edge needs it to verify the tokens for {service}; expected Clerk's JWT public key"
    return Problem(("secrets", JWT_KEY), text)


def _route(platform: Platform, name: str, empty_secrets: Collection[str]) -> EdgeRoute:
    service = platform.services[name]
    route = service.route
    if route is None or service.port is None:
        raise ValueError(f"{name} has no route, or no port")
    return EdgeRoute(
        path=route.path.rstrip("/") or "/",
        service=name,
        port=service.port,
        limit=_limit(route.rate_limit) if route.rate_limit else None,
        body_limit=route.body_limit,
        timeout=None if route.streams else route.timeout,
        access=_access(platform, name, empty_secrets),
    )


def _access(platform: Platform, name: str, empty_secrets: Collection[str]) -> Asked | Tokens | None:
    """Handshakes and sign-in are the service's own affair; a token is good or not, whoever verifies it."""
    service = platform.services[name]
    if not needs_sessions(service):
        return None
    if signs_in(service):
        return Asked()
    if JWT_KEY not in empty_secrets or platform.edge is None:
        return Tokens(issuer(service))
    # Under a loopback name services do without keys, and decide themselves.
    if is_loopback(platform.edge.host):
        return None
    raise CatalogError([str(missing_key(name))])


def _limit(limit: RateLimit) -> Limit:
    header = limit.key.header if isinstance(limit.key, HeaderKey) else None
    return Limit(limit.requests, _SECONDS[limit.per], header)


def _headers(host: str) -> Mapping[str, str]:
    """A browser keeps the word of HTTPS for a name and all of its ports: at loopback names it would shut out others."""
    lasting = {} if is_loopback(host) else {"Strict-Transport-Security": f"max-age={_YEAR}"}
    return MappingProxyType({**_HEADERS, **lasting})
