# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Who comes to the edge with a session of Clerk or without: a browser that is sent somewhere, and a page that asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ansible_collections.bunops.platform.tests.e2e.clerk import HANDSHAKE, SIGN_IN_URL, Clerk
from ansible_collections.bunops.platform.tests.e2e.edge.client import Answer, Client


@dataclass(frozen=True)
class Visitor:
    """session: what comes, made by the instance whose keys the platform has, or by the other one.

    page: where a page load with it ends, "" where the page is shown. status: of data.
    """

    name: str
    session: Callable[[Clerk, Clerk], str | None]
    page: str
    status: int


VISITORS = [
    Visitor("valid", lambda own, _: own.session(), "", 200),
    Visitor("expired within the clocks' skew", lambda own, _: own.session(-3), "", 200),
    Visitor("expired", lambda own, _: own.session(-30), HANDSHAKE, 401),
    Visitor("wrong issuer", lambda own, _: own.session(iss="https://clerk.evil.test"), SIGN_IN_URL, 401),
    Visitor("wrong azp", lambda own, _: own.session(azp="https://evil.test"), SIGN_IN_URL, 401),
    Visitor("no azp", lambda own, _: own.session(azp=None), SIGN_IN_URL, 401),
    Visitor("wrong key", lambda _, other: other.session(), SIGN_IN_URL, 401),
    Visitor("alg: none", lambda own, _: own.unsigned(), SIGN_IN_URL, 401),
    Visitor("missing", lambda *_: None, SIGN_IN_URL, 401),
]


def load(client: Client, clerk: Clerk, session: str | None, path: str = "/", **headers: str) -> Answer:
    """A page load."""
    shown = {"accept": "text/html", "sec-fetch-dest": "document", "sec-fetch-mode": "navigate"}
    return client.get(path, "198.51.100.1", **shown, **_sent(clerk, session), **headers)


def ask(client: Client, clerk: Clerk, session: str | None, path: str) -> Answer:
    """A request for data."""
    return client.get(path, "198.51.100.2", **_sent(clerk, session))


def cookie(clerk: Clerk, session: str | None) -> str:
    """That of a browser whose user is signed in."""
    given = clerk.cookies(session) if session else []
    return "; ".join(f"{each['name']}={each['value']}" for each in given)


def _sent(clerk: Clerk, session: str | None) -> dict[str, str]:
    return {"cookie": cookie(clerk, session)} if session else {}
