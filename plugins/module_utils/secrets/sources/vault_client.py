# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A client of the HTTP API of HashiCorp Vault and of OpenBao: one login, kept connections, retries.

https://developer.hashicorp.com/vault/api-docs
https://openbao.org/api-docs/
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from typing import Any, Dict, List, Mapping, NamedTuple, Optional
from urllib.parse import quote, urlsplit

from ansible_collections.bunops.platform.plugins.module_utils.cluster.answer import Answer
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options, resolve
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.patience import RETRIED, Patience, pause_before
from ansible_collections.bunops.platform.plugins.module_utils.cluster.pool import Pool
from ansible_collections.bunops.platform.plugins.module_utils.secrecy import mask_text
from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.document import load_json
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.vault_auth import Auth

# Also sent again: 412, with which a replica says that it has not yet heard of the token.
_RETRIED = (*RETRIED, 412)
_CONNECTIONS = 8
# Seconds that one answer may take, and that trouble may last in all.
_ANSWER = 30.0
_PATIENCE = 8.0


class Server(NamedTuple):
    """Where it is, and how it is trusted. ca_cert: a path."""

    url: str
    namespace: Optional[str]
    ca_cert: Optional[str]
    validate_certs: bool


class Found(NamedTuple):
    """An answer to a request: its status, and its document; {} where that is none."""

    status: int
    document: Dict[str, Any]

    def errors(self) -> str:
        """What the server says, on one line."""
        return " ".join(word for each in self.document.get("errors") or [] for word in str(each).split())


class VaultClient:
    """Reads from one server with one token; may be used by many threads."""

    def __init__(self, server: Server, auth: Auth, environment: Mapping[str, str]) -> None:
        """environment: where proxies are looked for. Raises SecretError."""
        self._auth = auth
        self._headers = ["X-Vault-Request: true"]
        if server.namespace:
            self._headers.append(f"X-Vault-Namespace: {quote(server.namespace, safe='/')}")
        self._prefix = urlsplit(server.url).path.rstrip("/")
        self._pool = _pool(server, environment)
        self._patience = Patience(_PATIENCE)
        self._lock = threading.Lock()
        self._token: Optional[str] = None
        self._refusal: Optional[SecretError] = None

    def close(self) -> None:
        """End all idle connections."""
        self._pool.close()

    def read(self, path: str, query: str = "") -> Optional[Dict[str, Any]]:
        """The document at a path below /v1; None where the server says that there is none. Raises SecretError.

        What is marked as deleted is a document, too.
        """
        found = self._send("GET", path + query, [f"X-Vault-Token: {self._login()}"])
        if found.status == 200 or (found.status == 404 and found.document.get("data")):
            return found.document
        if found.status == 404 and not found.errors():
            return None
        raise self._refused(found, f"reading {path} with {self._auth.words}")

    def _login(self) -> str:
        """The token; got once, and refused once, for all threads. Raises SecretError."""
        with self._lock:
            if self._refusal:
                raise self._refusal
            if self._token is None:
                try:
                    self._token = _usable(self._auth.token(self._token_for), self._auth)
                except SecretError as refusal:
                    self._refusal = refusal
                    raise
            return self._token

    def _token_for(self, path: str, credentials: Dict[str, str]) -> str:
        found = self._send("POST", path, [], json.dumps(credentials).encode())
        token = (found.document.get("auth") or {}).get("client_token")
        if not token:
            raise self._refused(found, f"logging in with {self._auth.words}")
        return str(token)

    def _send(self, method: str, path: str, headers: List[str], content: bytes = b"") -> Found:
        """Send one request, and again while the server is in trouble. Raises SecretError."""
        failures = 0
        while True:
            said: Mapping[str, str] = {}
            try:
                answer = self._exchange(method, path, headers, content)
                if answer.status not in _RETRIED:
                    if failures:
                        self._patience.recovered()
                    return _found(answer)
                problem, said = self._refused(_found(answer), f"{method} {path.partition('?')[0]}"), answer.headers
            except OSError as error:
                words = f"the server gives no answer: {_words(error)}; expected it to run"
                problem = SecretError(f"cannot be read: {words}")
            failures += 1
            pause = pause_before(failures, said)
            if not self._patience.allows(pause):
                raise problem
            time.sleep(pause)

    def _exchange(self, method: str, path: str, headers: List[str], content: bytes) -> Answer:
        """Send one request once. Raises OSError, and SecretError where another attempt would not help."""
        headers = [*self._headers, *headers, "Content-Type: application/json", f"Content-Length: {len(content)}"]
        try:
            return self._pool.exchange(method, f"{self._prefix}/v1/{path}", headers, content)
        except ssl.SSLCertVerificationError as error:
            message = f"its certificate is not trusted: {error.verify_message}; expected one that ca_cert trusts"
            raise SecretError(f"cannot be read: {message}") from None
        except ClusterError as error:
            raise SecretError(f"cannot be read: {str(error).rstrip('.')}") from None

    def _refused(self, found: Found, deed: str) -> SecretError:
        """deed: what was refused, and with which credentials."""
        known = [self._token] if self._token else []
        said = mask_text(found.errors(), [*known, *self._auth.credentials()])[:300] or "no explanation"
        return SecretError(f"cannot be read: {deed} gives {found.status}: {said}; expected {_wanted(found.status)}")


def _wanted(status: int) -> str:
    if status in (400, 401, 403):
        return "credentials that are valid, and a policy that lets them read there"
    if 300 <= status < 400:
        return "the address of the active server itself"
    return "a running server with a secrets engine there" if status in (*_RETRIED, 404) else "another answer"


def _words(error: OSError) -> str:
    if isinstance(error, (TimeoutError, socket.timeout)):
        return "it takes too long"
    return error.strerror or str(error) or type(error).__name__


def _found(answer: Answer) -> Found:
    try:
        document = load_json(answer.body)
    except ValueError:
        document = {}
    return Found(answer.status, document if isinstance(document, dict) else {})


def _usable(token: str, auth: Auth) -> str:
    """A token that can stand in a header. Raises SecretError."""
    if not token.isascii() or not token.isprintable() or " " in token:
        raise SecretError(f"cannot be read: {auth.words} has odd characters; expected a token")
    return token


def _pool(server: Server, environment: Mapping[str, str]) -> Pool:
    """Certificates and proxies are found as for an API server. Raises SecretError."""
    options = Options(host=server.url, ca_cert=server.ca_cert, validate_certs=server.validate_certs)
    try:
        return Pool(resolve(options, environment), _CONNECTIONS, _ANSWER)
    except ClusterError as error:
        raise SecretError(f"cannot be read: {str(error).rstrip('.')}") from None
