# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Kept connections to one API server, with the credentials that go over them."""

from __future__ import annotations

import socket
import ssl
import threading
from typing import Dict, List, Optional, Sequence, Tuple
from urllib.parse import urlsplit

from ansible_collections.bunops.platform.plugins.module_utils.cluster.answer import Answer
from ansible_collections.bunops.platform.plugins.module_utils.cluster.credentials import Credential, Credentials
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ConfigError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.kubeconfig import Access
from ansible_collections.bunops.platform.plugins.module_utils.cluster.link import Link, tls_context


class Pool:
    """At most `size` connections at once; thread-safe."""

    def __init__(self, access: Access, size: int, seconds: float) -> None:
        """seconds: how long one exchange may take."""
        parts = urlsplit(access.host)
        self._access = access
        self._secure = parts.scheme == "https"
        self._address = (parts.hostname or "", parts.port or (443 if self._secure else 80))
        self._seconds = seconds
        self._credentials = Credentials(access.user)
        # The last one used first: the others may be let go by the server.
        self._idle: List[Tuple[Link, Credential]] = []
        self._places = threading.BoundedSemaphore(size)
        self._contexts: Dict[Tuple[Optional[str], Optional[str]], ssl.SSLContext] = {}
        self._lock = threading.Lock()
        host = f"[{self._address[0]}]" if ":" in self._address[0] else self._address[0]
        self._common = [f"Host: {host}:{self._address[1]}", "User-Agent: bunops.platform", "Accept-Encoding: identity"]
        self._identity = [f"{name}: {value}" for name, value in access.user.impersonation]

    def exchange(self, method: str, target: str, headers: Sequence[str], content: bytes) -> Answer:
        """Send a request once. Raises OSError (no answer), ConfigError (no credential).

        Expired credentials are renewed on the way.
        """
        credential = self._credentials.current()
        with self._places:
            answer = self._attempt(credential, method, target, headers, content)
            if answer.status == 401 and self._credentials.refused(credential):
                renewed = self._credentials.current()
                if renewed != credential:
                    return self._attempt(renewed, method, target, headers, content)
            return answer

    def dedicated(self) -> Tuple[socket.socket, List[str]]:
        """A new connection, which is the caller's, and the header lines that say who we are. Raises as exchange()."""
        credential = self._credentials.current()
        link = Link(self._address, self._context(credential), self._access.tls, self._access.proxy)
        return link.taken_over(), [*self._identity, *_bearer(credential)]

    def close(self) -> None:
        """End all idle connections."""
        while self._idle:
            self._idle.pop()[0].close()

    def _attempt(
        self, credential: Credential, method: str, target: str, headers: Sequence[str], content: bytes
    ) -> Answer:
        lines = [f"{method} {target} HTTP/1.1", *self._common, *self._identity, *headers, *_bearer(credential)]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        while True:
            link, used = self._link(credential)
            try:
                answer, usable = link.exchange(head, content, self._seconds)
            except (ConnectionError, ssl.SSLError):
                link.close()
                if not used:
                    raise
                # The server had let go of a kept connection: that is no failure.
                continue
            except BaseException:
                link.close()
                raise
            if usable:
                self._idle.append((link, credential))
            else:
                link.close()
            return answer

    def _link(self, credential: Credential) -> Tuple[Link, bool]:
        """A connection for that identity, and whether it was in use before."""
        while True:
            try:
                link, identity = self._idle.pop()
            except IndexError:
                return Link(self._address, self._context(credential), self._access.tls, self._access.proxy), False
            if (identity.cert, identity.key) == (credential.cert, credential.key):
                return link, True
            link.close()

    def _context(self, credential: Credential) -> Optional[ssl.SSLContext]:
        if not self._secure:
            return None
        tls = self._access.tls
        if credential.cert:
            tls = tls._replace(cert=credential.cert, key=credential.key)
        with self._lock:
            context = self._contexts.get((tls.cert, tls.key))
            if context is None:
                try:
                    context = tls_context(tls)
                except (ssl.SSLError, ValueError) as error:
                    raise ConfigError(f"The certificates for {self._access.host} cannot be used: {error}.") from None
                self._contexts[(tls.cert, tls.key)] = context
            return context


def _bearer(credential: Credential) -> List[str]:
    return [f"Authorization: Bearer {credential.token}"] if credential.token else []
