# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""An image registry in memory, on a port of the loopback interface, which engines use without TLS.

Protocol: https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

from __future__ import annotations

import hashlib
import http.server
import re
import secrets
import threading
from typing import Any


class Registry:
    """Manifests by "name:reference" and blobs by digest; pushes counts the manifests that were put."""

    def __init__(self) -> None:
        self.manifests: dict[str, tuple[str, bytes]] = {}
        self.blobs: dict[str, bytes] = {}
        self.uploads: dict[str, bytes] = {}
        self.pushes = 0
        registry = self

        class Handler(_Handler):
            store = registry

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Registry:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    store: Registry

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        manifest = re.fullmatch(r"/v2/(.+)/manifests/(.+)", self.path)
        blob = re.fullmatch(r"/v2/.+/blobs/(.+)", self.path)
        if manifest and f"{manifest[1]}:{manifest[2]}" in self.store.manifests:
            kind, body = self.store.manifests[f"{manifest[1]}:{manifest[2]}"]
            self._answer(200, body, {"Content-Type": kind, "Docker-Content-Digest": _digest(body)})
        elif blob and blob[1] in self.store.blobs:
            self._answer(200, self.store.blobs[blob[1]], {"Docker-Content-Digest": blob[1]})
        else:
            self._answer(200 if self.path == "/v2/" else 404, b"{}")

    do_HEAD = do_GET

    def do_POST(self) -> None:
        identity = secrets.token_hex(8)
        where = f"{self.path.partition('?')[0].rstrip('/')}/{identity}"
        self._answer(202, b"", {"Location": where, "Docker-Upload-UUID": identity, "Range": "0-0"})

    def do_PATCH(self) -> None:
        content = self._body()
        self.store.uploads[self._upload()] = content
        self._answer(202, b"", {"Location": self.path, "Range": f"0-{max(0, len(content) - 1)}"})

    def do_PUT(self) -> None:
        body = self._body()
        manifest = re.fullmatch(r"/v2/(.+)/manifests/(.+)", self.path)
        if manifest:
            self.store.pushes += 1
            for reference in (manifest[2], _digest(body)):
                self.store.manifests[f"{manifest[1]}:{reference}"] = (self.headers["Content-Type"], body)
            self._answer(201, b"", {"Docker-Content-Digest": _digest(body)})
        else:
            content = body or self.store.uploads.pop(self._upload(), b"")
            self.store.blobs[_digest(content)] = content
            self._answer(201, b"", {"Docker-Content-Digest": _digest(content)})

    def _upload(self) -> str:
        return self.path.partition("?")[0].rsplit("/", 1)[-1]

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _digest(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()
