# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The few questions that image modules ask the Docker engine, over one kept connection.

On a local socket the standard library's HTTP client does: importing the library `docker` takes longer than all the
questions of an unchanged platform. Other addresses (TLS, ssh) go through that library.
API: https://docs.docker.com/reference/api/engine/
"""

from __future__ import annotations

import http.client
import json
import socket
from types import TracebackType
from typing import Any, Dict, NamedTuple, Optional, Tuple, Type
from urllib.parse import quote, urlsplit

from ansible_collections.bunops.platform.plugins.module_utils import engine

ANSWER_LIMIT = 60.0


class Image(NamedTuple):
    """An image in the engine's store: id (sha256:…), size in bytes, diff ids of its layers, labels."""

    id: str
    size: int
    layers: Tuple[str, ...]
    labels: Dict[str, str]


class _SocketConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class EngineApi:
    """A connection to one engine. Every method raises engine.EngineError if the engine cannot be used."""

    def __init__(self, docker_host: Optional[str] = None, timeout: float = ANSWER_LIMIT) -> None:
        self.host = engine.resolve_host(docker_host)
        self._timeout = timeout
        self._socket: Optional[_SocketConnection] = None
        self._client: Any = None
        if urlsplit(self.host).scheme == "unix":
            engine.probe(self.host, timeout)
            self._socket = _SocketConnection(urlsplit(self.host).path, timeout)
        else:
            self._client = engine.connect(self.host, timeout)

    def __enter__(self) -> EngineApi:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        for connection in (self._socket, self._client):
            if connection is not None:
                connection.close()

    def engine_id(self) -> str:
        """The engine's own identifier, stable over restarts."""
        status, info = self._get("/info")
        if status != 200 or not info.get("ID"):
            raise engine.EngineError(f"The Docker engine at {self.host} refused: {info.get('message', status)}")
        return str(info["ID"])

    def image(self, reference: str) -> Optional[Image]:
        """The image of that name or id, or None."""
        status, document = self._get(f"/images/{quote(reference, safe='/:@')}/json")
        if status == 404:
            return None
        if status != 200:
            raise engine.EngineError(f"The Docker engine refused: {document.get('message', status)}")
        return Image(
            id=str(document["Id"]),
            size=int(document.get("Size") or 0),
            layers=tuple((document.get("RootFS") or {}).get("Layers") or ()),
            labels=dict((document.get("Config") or {}).get("Labels") or {}),
        )

    def registry_problem(self, reference: str) -> str:
        """Why the engine cannot get the image from its registry; empty if it can. It asks, it downloads nothing."""
        try:
            status, document = self._get(f"/distribution/{quote(reference, safe='/:@')}/json")
        except engine.EngineError as error:
            return str(error)
        return "" if status == 200 else str(document.get("message") or status)

    def registry_digest(self, reference: str) -> str:
        """Digest of the manifest that its registry has, as anybody sees it; empty if there is none to be seen."""
        status, document = self._get(f"/distribution/{quote(reference, safe='/:@')}/json")
        return str((document.get("Descriptor") or {}).get("digest") or "") if status == 200 else ""

    def _get(self, path: str) -> Tuple[int, Dict[str, Any]]:
        if self._socket is None:
            with engine.engine_errors(self.host):
                answer = self._client.api.get(self._client.api.base_url + path, timeout=self._timeout)
                return answer.status_code, _document(answer.content)
        try:
            self._socket.request("GET", path)
            response = self._socket.getresponse()
            return response.status, _document(response.read())
        except (OSError, http.client.HTTPException) as error:
            # The next question starts on a fresh connection.
            self._socket.close()
            if isinstance(error, socket.timeout):
                raise engine.EngineError(
                    f"The Docker engine at {self.host} did not answer within {self._timeout:g} s."
                ) from error
            raise engine.EngineError(f"The Docker engine at {self.host} closed the connection: {error}") from error


def _document(body: bytes) -> Dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
