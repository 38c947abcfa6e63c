# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A small client of the API server, for the cluster's own start."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import tempfile
import urllib.parse
from pathlib import Path
from typing import Any

import yaml

LIMIT = 10
MANAGER = "bunops-cluster"


class ApiError(Exception):
    """The API server refused, or could not be reached."""


class Client:
    """Requests with the certificate of a kubeconfig that this cluster wrote."""

    def __init__(self, kubeconfig: Path) -> None:
        config = yaml.safe_load(kubeconfig.read_text())
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self._address = urllib.parse.urlsplit(cluster["server"]).netloc
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        self._tls = ssl.create_default_context(cadata=authority)
        with tempfile.NamedTemporaryFile() as file:
            for field in ("client-certificate-data", "client-key-data"):
                file.write(base64.b64decode(user[field]))
            file.flush()
            self._tls.load_cert_chain(file.name)

    def is_ready(self) -> bool:
        """Whether the API server says that it is ready."""
        try:
            self._request("GET", "/readyz")
        except ApiError:
            return False
        return True

    def get(self, path: str) -> dict[str, Any] | None:
        """The object at that path; None if there is none.

        Raises:
            ApiError: for every other refusal.
        """
        try:
            content: dict[str, Any] = json.loads(self._request("GET", path))
        except ApiError as error:
            if "404" in str(error):
                return None
            raise
        return content

    def apply(self, item: dict[str, Any]) -> None:
        """Server-side apply of one object of a built-in kind.

        Raises:
            ApiError: the server refuses it.
        """
        query = urllib.parse.urlencode({"fieldManager": MANAGER, "force": "true"})
        body = json.dumps(item).encode()
        self._request("PATCH", f"{path_of(item)}?{query}", body, "application/apply-patch+yaml")

    def _request(self, method: str, path: str, body: bytes | None = None, kind: str = "application/json") -> bytes:
        connection = http.client.HTTPSConnection(self._address, context=self._tls, timeout=LIMIT)
        try:
            connection.request(method, path, body, {"Content-Type": kind})
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise ApiError(f"{method} {path}: {error}") from error
        finally:
            connection.close()
        if response.status >= 400:
            raise ApiError(f"{method} {path}: {response.status} {content.decode(errors='replace')}")
        return content


def path_of(item: dict[str, Any]) -> str:
    """The path of an object of a built-in kind whose plural ends in -s or -es."""
    version, kind, metadata = item["apiVersion"], item["kind"].lower(), item["metadata"]
    prefix = f"/apis/{version}" if "/" in version else f"/api/{version}"
    namespace = f"/namespaces/{metadata['namespace']}" if "namespace" in metadata else ""
    plural = f"{kind}es" if kind.endswith("s") else f"{kind}s"
    return f"{prefix}{namespace}/{plural}/{metadata['name']}"
