# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A proxy in front of an API server that gets in the way: at moments that a test chooses, or at random ones.

It ends TLS on both sides: clients trust its own certificate, and it shows the API server the credentials of a
kubeconfig.
"""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import random
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ansible_collections.bunops.platform.plugins.module_utils.cluster.answer import Answer
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options, resolve
from ansible_collections.bunops.platform.plugins.module_utils.cluster.link import Link, tls_context

# Answers of the proxy itself, the API server never sees the request.
ANSWERS = {"429": (429, ("Retry-After: 1",)), "500": (500, ()), "503": (503, ())}
# reset: before the API server sees it; lost: after it has answered; cut: in the middle of its answer;
# slow: a few bytes at a time.
FAULTS = (*ANSWERS, "reset", "lost", "cut", "slow")


class Request(NamedTuple):
    """A request that came in. number: from 1."""

    number: int
    method: str
    path: str


def at_random(seed: int, share: float, faults: Sequence[str] = FAULTS) -> Callable[[Request], str]:
    """Faults for that share of the requests, the same ones for the same seed (as far as the requests are)."""
    dice = random.Random(seed)
    lock = threading.Lock()

    def choose(_request: Request) -> str:
        with lock:
            return dice.choice(faults) if dice.random() < share else ""

    return choose


class FaultProxy:
    """Serves on the loopback interface. choose: the fault for a request, "" for none. seen: what came in."""

    def __init__(self, kubeconfig: Path) -> None:
        self.choose: Callable[[Request], str] = lambda _request: ""
        self.seen: list[Request] = []
        self._access = resolve(Options(kubeconfig=str(kubeconfig)), {})
        self._upstream = tls_context(self._access.tls)
        self._lock = threading.Lock()
        self._server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._port = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def kubeconfig(self, folder: Path) -> dict[str, Any]:
        """A kubeconfig that leads here."""
        certificate = _certificate(folder)
        self._server.load_cert_chain(certificate)
        cluster = {"server": f"https://127.0.0.1:{self._port}", "certificate-authority": str(certificate)}
        return {
            "current-context": "proxy",
            "clusters": [{"name": "proxy", "cluster": cluster}],
            "contexts": [{"name": "proxy", "context": {"cluster": "proxy"}}],
        }

    def calls(self, *methods: str) -> list[str]:
        """ "METHOD path" of the requests that came in, of these methods only."""
        return [f"{request.method} {request.path}" for request in self.seen if request.method in methods]

    def stop(self) -> None:
        """Take no more connections."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with (
            contextlib.suppress(OSError),
            self._server.wrap_socket(plain, server_side=True) as connection,
            connection.makefile("rb") as stream,
        ):
            for request, head, body in self._requests(stream):
                if not self._answer(connection, request, head, body):
                    return

    def _requests(self, stream: Any) -> Iterator[tuple[Request, bytes, bytes]]:
        while True:
            lines = list(iter(lambda: stream.readline().decode().rstrip("\r\n"), ""))
            if not lines:
                return
            length = next((line[15:] for line in lines if line.lower().startswith("content-length:")), "0")
            body = stream.read(int(length))
            method, path, _version = lines[0].split(" ")
            with self._lock:
                request = Request(len(self.seen) + 1, method, path)
                self.seen.append(request)
            yield request, "\r\n".join([*lines, "", ""]).encode(), body

    def _answer(self, connection: ssl.SSLSocket, request: Request, head: bytes, body: bytes) -> bool:
        """Whether the connection goes on."""
        fault = self.choose(request)
        if fault in ANSWERS:
            status, headers = ANSWERS[fault]
            connection.sendall(_content(Answer(status, {}, b'{"kind": "Status", "message": "a fault"}'), headers))
            return True
        if fault == "reset":
            return _reset(connection)
        content = _content(self._forward(head, body))
        if fault == "lost":
            return _reset(connection)
        if fault == "cut":
            connection.sendall(content[: max(1, len(content) * 2 // 3)])
            return False
        if fault == "slow":
            for place in range(0, 40, 4):
                connection.sendall(content[place : place + 4])
                time.sleep(0.05)
            content = content[40:]
        connection.sendall(content)
        return True

    def _forward(self, head: bytes, body: bytes) -> Answer:
        host, port = self._access.host.removeprefix("https://").split(":")
        link = Link((host, int(port)), self._upstream, self._access.tls, None)
        try:
            return link.exchange(head, body, 70)[0]
        finally:
            link.close()


def _reset(connection: ssl.SSLSocket) -> bool:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    return False


def _content(answer: Answer, headers: Sequence[str] = ()) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} X", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, f"Content-Length: {len(answer.body)}", "", ""]).encode() + answer.body


def _certificate(folder: Path) -> Path:
    """A key and a certificate for 127.0.0.1 in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "fault proxy")])
    now = datetime.datetime.now(datetime.UTC)
    serves = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(serves, critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "proxy.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path
