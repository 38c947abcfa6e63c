# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Addresses of servers, read from options. Pure."""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional
from urllib.parse import SplitResult, unquote, urlsplit

_REDIS_PORT = 6379
_SENTINEL_PORT = 26379
_DATABASE = re.compile(r"/?([0-9]{0,5})")
_EXPECTED = "expected a URL such as redis://redis:6379 or rediss://redis.example:6380/0"
_SENTINEL_EXPECTED = "expected redis:///0 or rediss:///0, or no url at all"


class Address(NamedTuple):
    """Where a server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Place(NamedTuple):
    """What a URL says; without an address where Sentinel tells it, or where the URL is of no use."""

    address: Address = Address("", 0)
    database: int = 0
    tls: bool = False


def read_url(url: Optional[str], sentinel: bool, problems: List[str]) -> Place:
    """The option url; what is wrong with it becomes a problem, which does not show what might be a password.

    sentinel: whether Sentinel tells the host; then the URL has only a scheme and a database.
    """
    expected = _SENTINEL_EXPECTED if sentinel else _EXPECTED
    if url is None:
        if not sentinel:
            problems.append(f"url: nothing; {expected}")
        return Place()
    parts, host, port = _split(url)
    if "@" in url:
        problems.append(f"url: a user or a password in it; {expected}, with username and password beside it")
        return Place(tls=url.startswith("rediss:"))
    database = _DATABASE.fullmatch(parts.path)
    scheme = parts.scheme in ("redis", "rediss")
    if not scheme or not database or parts.query or parts.fragment or (not sentinel and (not host or port is None)):
        problems.append(f"url: {_shown(parts, host)}; {expected}")
        return Place(tls=parts.scheme == "rediss")
    if sentinel and parts.netloc:
        problems.append(f"url: has the host {host or 'of its port'}, but sentinel tells where Redis is; {expected}")
    return Place(Address(host, port or _REDIS_PORT), int(database.group(1) or 0), parts.scheme == "rediss")


def read_sentinel(text: str, problems: List[str]) -> Optional[Address]:
    """An entry of sentinel.addresses, host or host:port."""
    parts, host, port = _split(f"//{text}", _SENTINEL_PORT)
    if host and port is not None and "@" not in text and parts.netloc == text:
        return Address(host, port)
    found = "a user or a password in it" if "@" in text else text or "an empty text"
    problems.append(f"sentinel.addresses: {found}; expected such as sentinel.example:26379")
    return None


def passwords_in(url: str) -> List[str]:
    """What might be a password in a URL, so that nobody tells it."""
    rest, at, _ = url.rpartition("@")
    userinfo = rest.rpartition("//")[2] if at else ""
    password = userinfo.partition(":")[2] or userinfo
    return [each for each in {userinfo, password, unquote(password)} if each]


def _split(url: str, default: int = _REDIS_PORT) -> "tuple[SplitResult, str, Optional[int]]":
    """The parts of a URL, its host and its port: None for one that is none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return urlsplit(""), "", None
    return parts, host, default if port is None else port or None


def _shown(parts: SplitResult, host: str) -> str:
    """As much of a URL as holds no secret."""
    return f"{parts.scheme}://{host}…" if parts.scheme and host else "no URL of Redis"
