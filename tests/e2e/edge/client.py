# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A client that sends what it is told, byte for byte, and trusts the platform's own authority only."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_VERSIONS = {"1.1": ssl.TLSVersion.TLSv1_1, "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
_LIMIT = 30


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes
    seconds: float


@dataclass(frozen=True)
class Place:
    """Where an edge is met: under what name, at which address."""

    host: str
    address: str
    https: int = 443
    http: int = 80

    def authority(self, scheme: str) -> str:
        """The name with the port, as clients write it."""
        port, usual = (self.https, 443) if scheme == "https" else (self.http, 80)
        return self.host if port == usual else f"{self.host}:{port}"

    @property
    def origin(self) -> str:
        return f"https://{self.authority('https')}"

    def filled(self, text: str) -> str:
        """Text of the table of requests."""
        return text.replace("{host}", self.host).replace("{HOST}", self.host.upper()).replace("{origin}", self.origin)


class Client:
    """authority: file of the certificate by which the edge is trusted."""

    def __init__(self, authority: Path, place: Place) -> None:
        self._authority = authority
        self.place = place

    def context(self, version: str | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self._authority))
        if version:
            # What this machine refuses to speak itself is not the question.
            context.set_ciphers("DEFAULT@SECLEVEL=0")
            context.minimum_version = context.maximum_version = _VERSIONS[version]
        return context

    def connect(self, scheme: str = "https", version: str | None = None) -> socket.socket:
        port = self.place.http if scheme == "http" else self.place.https
        plain = socket.create_connection((self.place.address, port), timeout=_LIMIT)
        return self.context(version).wrap_socket(plain, server_hostname=self.place.host) if scheme == "https" else plain

    def ask(self, case: dict[str, Any], forwarded_for: str) -> Answer:
        """Raises ssl.SSLError, OSError."""
        scheme = case.get("scheme", "https")
        started = time.monotonic()
        with self.connect(scheme, case.get("tls")) as connection:
            for part in _bytes_of(self.place, case, scheme, forwarded_for):
                try:
                    connection.sendall(part)
                except OSError:
                    # The answer is there before all was sent.
                    break
            answer = http.client.HTTPResponse(connection, method=case.get("method"))
            answer.begin()
            return Answer(answer.status, answer.headers, answer.read(), time.monotonic() - started)

    def get(self, path: str, forwarded_for: str, **headers: str) -> Answer:
        return self.ask({"path": path, "headers": headers}, forwarded_for)


def _bytes_of(place: Place, case: dict[str, Any], scheme: str, forwarded_for: str) -> Iterator[bytes]:
    if "raw" in case:
        yield place.filled(case["raw"]).encode()
        return
    body = case["body"].encode() if "body" in case else b"x" * case.get("size", 0)
    host = place.filled(case.get("host", place.authority(scheme)))
    headers = {"host": host, "x-forwarded-for": forwarded_for, "connection": "close", **case.get("headers", {})}
    chunked = case.get("chunked", False)
    if chunked:
        headers["transfer-encoding"] = "chunked"
    elif body:
        headers["content-length"] = str(len(body))
    lines = [
        f"{case.get('method', 'GET')} {case['path']} HTTP/1.1",
        *(f"{key}: {value}" for key, value in headers.items()),
    ]
    yield ("\r\n".join(lines) + "\r\n\r\n").encode()
    for start in range(0, len(body), 65536):
        part = body[start : start + 65536]
        yield b"%x\r\n%b\r\n" % (len(part), part) if chunked else part
    if chunked:
        yield b"0\r\n\r\n"
