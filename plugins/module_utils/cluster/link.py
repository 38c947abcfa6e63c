# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A connection to the API server on which every exchange has one time limit.

A socket's own timeout starts anew with every byte: a server that sends one byte now and then would hold a run for
hours.
"""

from __future__ import annotations

import base64
import io
import os
import socket
import ssl
import tempfile
import time
from typing import Any, BinaryIO, NamedTuple, Optional, Tuple, cast
from urllib.parse import unquote, urlsplit

from ansible_collections.bunops.platform.plugins.module_utils.cluster.answer import Answer, read_answer

CONNECT_LIMIT = 10.0
_CHUNK = 256 * 1024


class Tls(NamedTuple):
    """How to trust the API server and to be trusted. ca, cert, key: PEM text; server_name: instead of the host's."""

    verify: bool = True
    ca: Optional[str] = None
    cert: Optional[str] = None
    key: Optional[str] = None
    server_name: Optional[str] = None


def tls_context(tls: Tls) -> ssl.SSLContext:
    """The TLS settings as Python takes them. Raises ssl.SSLError, ValueError: not PEM, key without certificate."""
    context = ssl.create_default_context(cadata=tls.ca)
    # Since Python 3.13: refuses many private authorities that Kubernetes tools made, as other clients do not.
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if tls.cert:
        # Python reads them from files only; the file is its owner's alone and gone at once.
        handle, path = tempfile.mkstemp()
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(tls.cert + "\n" + (tls.key or ""))
            context.load_cert_chain(path)
        finally:
            os.unlink(path)
    return context


class Link:
    """One connection, for one thread at a time. Raises OSError."""

    def __init__(
        self, address: Tuple[str, int], context: Optional[ssl.SSLContext], tls: Tls, proxy: Optional[str]
    ) -> None:
        self._deadline = time.monotonic() + CONNECT_LIMIT
        self._socket = self._connect(address, proxy)
        self._stream = io.BufferedReader(_Reader(self), _CHUNK)
        try:
            if proxy:
                self._tunnel(address, proxy)
            if context:
                self._socket.settimeout(self._remaining())
                self._socket = context.wrap_socket(self._socket, server_hostname=tls.server_name or address[0])
        except BaseException:
            self._socket.close()
            raise

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def taken_over(self) -> socket.socket:
        """The connection itself, for another protocol; this object is of no use then."""
        self._socket.settimeout(CONNECT_LIMIT)
        return self._socket

    def exchange(self, head: bytes, body: bytes, seconds: float) -> Tuple[Answer, bool]:
        """Send one request and read its answer within that many seconds.

        The second item says whether the connection can be used again.
        """
        self._deadline = time.monotonic() + seconds
        self._socket.settimeout(seconds)
        self._socket.sendall(head + body)
        return read_answer(cast(BinaryIO, self._stream))

    def receive(self, buffer: Any) -> int:
        """What has arrived; raises TimeoutError past the deadline."""
        self._socket.settimeout(self._remaining())
        return self._socket.recv_into(buffer)

    def _connect(self, address: Tuple[str, int], proxy: Optional[str]) -> socket.socket:
        if proxy:
            parts = urlsplit(proxy)
            address = (parts.hostname or "", parts.port or 80)
        connection = socket.create_connection(address, timeout=CONNECT_LIMIT)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _tunnel(self, address: Tuple[str, int], proxy: str) -> None:
        target = f"[{address[0]}]:{address[1]}" if ":" in address[0] else f"{address[0]}:{address[1]}"
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
        parts = urlsplit(proxy)
        if parts.username:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            lines.append("Proxy-Authorization: Basic " + base64.b64encode(pair.encode()).decode())
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        answer, _unused = read_answer(cast(BinaryIO, self._stream), without_body=True)
        if answer.status != 200:
            raise ConnectionError(f"the proxy {parts.hostname} refused with {answer.status}")

    def _remaining(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("it takes too long")
        return left


class _Reader(io.RawIOBase):
    def __init__(self, link: Link) -> None:
        super().__init__()
        self._link = link

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._link.receive(buffer)
