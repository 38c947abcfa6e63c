# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""An HTTP server on the loopback interface that answers one request after the other as a test tells it."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest


class Reply(NamedTuple):
    """One answer. fault: "" for none, "reset" and "close" instead of an answer, "cut" in it, "slow" a byte at a time.

    close: whether the connection ends after it without having said so.
    """

    status: int = 200
    body: Any = None
    headers: tuple[str, ...] = ()
    fault: str = ""
    close: bool = False


class StubServer:
    """Answers requests with the replies in turn; requests: "METHOD target" and the headers of what came."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.requests: list[str] = []
        self.headers: list[str] = []
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Take no more connections."""
        # Ends the waiting for the next one, too.
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            while True:
                lines = list(iter(lambda: stream.readline().decode().strip(), ""))
                if not lines:
                    return
                length = [line.split(":")[1] for line in lines if line.lower().startswith("content-length:")]
                stream.read(int(length[0]) if length else 0)
                self.requests.append(lines[0].removesuffix(" HTTP/1.1"))
                self.headers.append("\n".join(lines[1:]))
                if not self._reply(connection, self.replies.pop(0)):
                    return

    def _reply(self, connection: socket.socket, reply: Reply) -> bool:
        if reply.fault in ("reset", "close"):
            if reply.fault == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        head = "\r\n".join([f"HTTP/1.1 {reply.status} X", *reply.headers, f"Content-Length: {len(body)}"])
        content = head.encode() + b"\r\n\r\n" + body
        if reply.fault == "cut":
            connection.sendall(content[: -len(body) // 2])
            return False
        if reply.fault == "slow":
            for byte in content:
                try:
                    connection.sendall(bytes([byte]))
                except OSError:
                    return False
                time.sleep(0.05)
            return True
        connection.sendall(content)
        return not reply.close


@pytest.fixture
def server() -> Iterator[StubServer]:
    """A server of this test's own."""
    stub = StubServer()
    yield stub
    stub.stop()
