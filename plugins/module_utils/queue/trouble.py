# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Why a server cannot be talked to, as one sentence each. Pure."""

from __future__ import annotations

import socket
import ssl
from typing import Iterator, NamedTuple, Optional

from ansible_collections.bunops.platform.plugins.module_utils.queue.addresses import Address

_TLS_EXPECTED = "expected rediss:// only for a port with TLS, and client_cert where it asks for one"
# A server without TLS, or one that wants a certificate, just ends the connection, sooner or later.
_ENDED = (ssl.SSLError, ConnectionResetError, BrokenPipeError)


class Role(NamedTuple):
    """What a server is, and the options about it. at: the begin of the names of those about the login."""

    name: str
    address: str
    at: str = ""


REDIS = Role("Redis", "url")
SENTINEL = Role("the Sentinel", "sentinel.addresses", "sentinel.")


class Server(NamedTuple):
    """A server, as messages call it."""

    role: Role
    address: Address

    def __str__(self) -> str:
        return f"{self.role.name} at {self.address}"


def unreachable(server: Server, error: BaseException, tls: bool, timeout: float) -> str:
    """Nobody is there, or not as expected. error: of the library, which keeps the cause in its context only."""
    cause = next((each for each in _chain(error) if isinstance(each, OSError)), error)
    option, reason = server.role.address, _reason(cause, timeout)
    if isinstance(cause, ssl.SSLCertVerificationError):
        # OpenSSL ends some of its sentences with a full stop.
        found = cause.verify_message.rstrip(".")
        expected = "expected one for this name that ca_cert or this machine trusts"
        return f"ca_cert: the certificate of {server} is not trusted: {found}; {expected}"
    if "max number of clients" in reason:
        return f"{option}: {server} has as many clients as it takes; expected room for one more"
    # Without an error of the system it was the library that found the connection closed.
    if isinstance(cause, _ENDED) or not isinstance(cause, (OSError, UnicodeError)):
        expected = _TLS_EXPECTED if tls else "expected it to run, and rediss:// if it speaks TLS"
        return f"{option}: {server} ends the connection: {reason}; {expected}"
    expected = "expected it to run, and to speak TLS" if tls else "expected it to run"
    return f"{option}: {server} gives no answer: {reason}; {expected}"


def refused_login(server: Server, user: Optional[str], option: str, text: str) -> str:
    """Redis does not let us in. option: which the password came from, if there was one. text: what Redis says."""
    who = f"the user {user}" if user else "the user default"
    if text.startswith("NOAUTH") or "required" in text:
        return f"{server.role.at}password: nothing, and {server} wants one of {who}; expected it"
    if "without any password" in text:
        return f"{option}: given, but {server} has no password for {who}; expected none"
    return f"{option}: wrong for {who} of {server}, or there is no such user; expected the password of one"


def loading(server: Server) -> str:
    """Redis has started just now."""
    return f"{server.role.address}: {server} is still loading its data; expected it to be ready"


def _chain(error: Optional[BaseException]) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _reason(error: BaseException, timeout: float) -> str:
    if isinstance(error, (TimeoutError, socket.timeout)) and not error.strerror:
        return f"nothing within {timeout:g} s"
    if isinstance(error, ssl.SSLError):
        # As text it also names a file of Python's source.
        return (error.reason or "without a word").replace("_", " ").lower()
    words = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return words.rstrip(".").lower()
