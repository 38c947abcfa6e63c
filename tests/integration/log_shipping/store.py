# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A store of logs: it takes OTLP over HTTP, and can go away and come back."""

from __future__ import annotations

import contextlib
import gzip
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_NUMBER = re.compile(rb'\{"level":"info","n":(\d+),"msg":"counted"\}')


class Store:
    """address: where containers reach it.

    requests: path and header Authorization of each. bodies: what was sent, in protobuf.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        with socket.socket() as free:
            free.bind((address, 0))
            self.port: int = free.getsockname()[1]
        self.requests: list[tuple[str, str | None]] = []
        self.bodies: list[bytes] = []
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        return f"http://{self.address}:{self.port}/otlp"

    def numbers(self) -> list[int]:
        """What the lines of the program said, in the order of their arrival."""
        return [int(number) for body in self.bodies for number in _NUMBER.findall(body)]

    def come(self) -> None:
        store = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                store.requests.append((self.path, self.headers["Authorization"]))
                store.bodies.append(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: Any) -> None:
                pass

        self._server = _Server((self.address, self.port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def go(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server.hang_up()
            self._server = None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._connections: list[socket.socket] = []

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, client = super().get_request()
        self._connections.append(connection)
        return connection, client

    def hang_up(self) -> None:
        """Connections are kept alive, and their threads would go on serving."""
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
