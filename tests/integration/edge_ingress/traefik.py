# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A real Traefik on this machine that follows the Ingresses of some namespaces, and a client in front of it."""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any

LIMIT = 30.0
LOOPBACK = "127.0.0.1"
READ_SECONDS = 6
_VERSIONS = {"1.1": ssl.TLSVersion.TLSv1_1, "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


class Traefik:
    """Its entry point trusts this machine's programs as proxies; the rest is as docs/edge.md proposes it.

    nameserver: the cluster's. As in a pod, names of its Services are found there.
    """

    def __init__(self, program: Path, kubeconfig: Path, nameserver: str, namespaces: Sequence[str], log: Path) -> None:
        self.http, self.https = _free_port(), _free_port()
        self._log, self._forgotten = log, 0
        resolver = log.with_name("resolv.conf")
        resolver.write_text(f"nameserver {nameserver}\nsearch svc.cluster.local cluster.local\noptions ndots:5\n")
        names = ",".join(namespaces)
        self._command = [
            *("unshare", "--mount", "sh", "-c", f'mount --bind {resolver} /etc/resolv.conf && exec "$@"', "sh"),
            str(program),
            "--global.checknewversion=false",
            "--global.sendanonymoususage=false",
            f"--entrypoints.web.address={LOOPBACK}:{self.http}",
            f"--entrypoints.websecure.address={LOOPBACK}:{self.https}",
            f"--entrypoints.websecure.forwardedheaders.trustedips={LOOPBACK}",
            "--entrypoints.websecure.http.encodedcharacters.allowencodedslash=false",
            "--entrypoints.websecure.http.encodedcharacters.allowencodedbackslash=false",
            "--entrypoints.websecure.http.encodedcharacters.allowencodednullcharacter=false",
            "--entrypoints.websecure.http.aliasheadersstrategy=reject",
            f"--entrypoints.websecure.transport.respondingtimeouts.readtimeout={READ_SECONDS}s",
            "--providers.kubernetesingress.allowemptyservices=true",
            f"--providers.kubernetesingress.namespaces={names}",
            f"--providers.kubernetescrd.namespaces={names}",
        ]
        self._environment = {**os.environ, "KUBECONFIG": str(kubeconfig)}

    def __enter__(self) -> Traefik:
        with self._log.open("w") as log:
            self._process = subprocess.Popen(self._command, env=self._environment, stdout=log, stderr=log)
        return self

    def __exit__(self, _type: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait(LIMIT)

    def forget(self) -> None:
        """Of what it has complained. It hears of Ingresses before it hears of their middlewares."""
        self._forgotten = len(self._complaints())

    @property
    def complaints(self) -> list[str]:
        """What it has complained of since then."""
        return self._complaints()[self._forgotten :]

    def _complaints(self) -> list[str]:
        return [line for line in self._log.read_text().splitlines() if " ERR " in line or " WRN " in line]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes
    seconds: float

    @property
    def told(self) -> dict[str, Any]:
        """What the program behind it has told."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass(frozen=True)
class Client:
    """authority: the certificate that it trusts; host: the name that it calls."""

    traefik: Traefik
    host: str
    authority: str

    def connect(self, version: str | None = None) -> ssl.SSLSocket:
        context = ssl.create_default_context(cadata=self.authority)
        if version:
            # What this machine refuses to speak itself is not the question.
            context.set_ciphers("DEFAULT@SECLEVEL=0")
            context.minimum_version = context.maximum_version = _VERSIONS[version]
        plain = socket.create_connection((LOOPBACK, self.traefik.https), timeout=LIMIT)
        return context.wrap_socket(plain, server_hostname=self.host)

    def get(self, path: str, **headers: str) -> Answer:
        """By HTTPS; names of headers with `_` for `-`. Raises OSError, http.client.HTTPException."""
        return self.ask(path, {name.replace("_", "-"): value for name, value in headers.items()})

    def ask(
        self,
        path: str,
        headers: Mapping[str, str] = MappingProxyType({}),
        *,
        method: str = "GET",
        body: bytes = b"",
        plain: bool = False,
    ) -> Answer:
        """Raises OSError, http.client.HTTPException."""
        connection = http.client.HTTPConnection(LOOPBACK, self.traefik.http, timeout=LIMIT)
        if not plain:
            connection.sock = self.connect()
        started = time.monotonic()
        try:
            connection.request(method, path, body or None, {"host": self.host, **headers})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read(), time.monotonic() - started)
        finally:
            connection.close()

    def raw(self, text: str) -> bytes:
        """The first bytes of the answer to these."""
        with self.connect() as connection:
            connection.sendall(text.replace("HOST", self.host).encode())
            return connection.recv(4096)


def _free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as server:
        return int(server.getsockname()[1])
