# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A server that answers as HashiCorp Vault does, as far as External Secrets Operator asks.

https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

TOKEN, ROLE, SECRET_ID = "root-token", "reader", "approle-secret"


class Vault:
    """versions: of what is at app/db, the oldest first. logins: the methods by which clients came in."""

    def __init__(self, *versions: dict[str, str]) -> None:
        self.versions = list(versions)
        self.logins: list[str] = []
        self.url = ""

    def answer(self, method: str, target: str, token: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and document."""
        path, query = urlsplit(target).path.removeprefix("/v1/"), urlsplit(target).query
        if method in ("PUT", "POST") and path.startswith("auth/"):
            return self._login(path.split("/")[1], body)
        if token != TOKEN:
            return 403, {"errors": ["permission denied"]}
        if path == "auth/token/lookup-self":
            return 200, {"data": {"type": "service", "ttl": 0, "expire_time": None}}
        if path == "secret/data/app/db":
            wanted = int(query.removeprefix("version=") or len(self.versions))
            return 200, {"data": {"data": self.versions[wanted - 1], "metadata": {"version": wanted}}}
        return 404, {"errors": []}

    def _login(self, method: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        fits = body.get("secret_id") == SECRET_ID and body.get("role_id") == ROLE
        if method == "kubernetes":
            # A service account's token has three parts.
            fits = body.get("role") == ROLE and str(body.get("jwt")).count(".") == 2
        if not fits:
            return 400, {"errors": ["invalid credentials"]}
        self.logins.append(method)
        return 200, {"auth": {"client_token": TOKEN, "lease_duration": 3600, "renewable": False}}


@contextmanager
def serving(vault: Vault) -> Iterator[None]:
    """Serve on the loopback interface, at vault.url."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers["Content-Length"] or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            status, document = vault.answer(self.command, self.path, self.headers["X-Vault-Token"] or "", body)
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_PUT = do_POST = do_GET

        def log_message(self, *_unused: Any) -> None:
            """Not on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    vault.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
