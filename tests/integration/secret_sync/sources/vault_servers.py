# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Servers for the tests of the source `vault`: a real one, recorded answers, and those that documentation gives.

The real one is the server of VAULT_ADDR, which VAULT_TOKEN has to let make mounts and policies, or a development
server of the program `vault` or `bao` on the PATH, or else of Vault's own core, which is built once (vault/main.go).
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.tests.cluster.programs import Module, provide
from ansible_collections.bunops.platform.tests.integration.secret_sync.sources.reading import CANARY, ODD

HERE = Path(__file__).parent
# Answers of real servers, see record_vault.py.
RECORDED = HERE / "recorded"
# Answers as documentation gives them, of servers that cannot be had here.
DOCUMENTED = HERE / "documented"
CORE = Module("vault", HERE / "vault", {"vault": "."})
# What the newest version of app/db holds.
VALUES: dict[str, Any] = {
    "SECRET": ODD,
    "password": CANARY,
    "port": 5432,
    "rate": 1.25,
    "tls": True,
    "none": None,
    "nested": {"a": CANARY},
    "list": [CANARY],
}
ROOT = f"{CANARY}-root"
READER = f"{CANARY}-reader"
ROLE_ID = f"{CANARY}-role-id"
SECRET_ID = f"{CANARY}-secret-id"
JWT = f"{CANARY}-jwt"
Json = dict[str, Any]


@dataclass
class Vault:
    """A server with VALUES at app/db in a KV version 2 engine; mounts by what they are."""

    url: str
    token: str = ROOT
    mount: str = "secret"
    plain: str = "plain"
    approle: str = "approle"
    kubernetes: str = "kubernetes"
    # What lets read app/*.
    policy: str = "reader"
    # What was asked of a server that is not real.
    requests: list[str] = field(default_factory=list)


def stand_ins() -> list[str]:
    """What stands in for a server, as `recorded vault-1.19.5`."""
    found = sorted(path for folder in (RECORDED, DOCUMENTED) for path in folder.glob("*.json"))
    return [f"{path.parent.name} {path.stem}" for path in found]


@contextmanager
def stand_in(name: str, tls: ssl.SSLContext | None = None) -> Iterator[Vault]:
    """A server on the loopback interface that gives the answers of one of those."""
    path = HERE / f"{name.replace(' ', '/')}.json"
    exchanges: list[Json] = json.loads(path.read_text())["exchanges"]
    requests: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(exchanges, requests))
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield Vault(f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}", requests=requests)
    finally:
        server.shutdown()
        server.server_close()


def _handler(exchanges: list[Json], requests: list[str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            token = {ROOT: "root", READER: "reader"}.get(self.headers["X-Vault-Token"], "other")
            self._answer(lambda exchange: exchange["token"] == token)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            # The one without a body stands for all others.
            self._answer(lambda exchange: exchange["body"] in (body, None))

        def _answer(self, fits: Any) -> None:
            asked = f"{self.command} {self.path}"
            requests.append(asked)
            fitting = (each for each in exchanges if each["request"] == asked and fits(each))
            found: Json = next(fitting, {"status": 418, "answer": {"errors": [f"{asked} is not recorded"]}})
            content = json.dumps(found["answer"]).encode()
            self.send_response(found["status"])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_unused: Any) -> None:
            """Not on standard error."""

    return Handler


def core() -> str:
    """The program of Vault's core; built if it is not there yet, which takes minutes. Raises BuildError."""
    return str(provide(print, CORE) / "vault")


@contextmanager
def real() -> Iterator[Vault]:
    """The server of VAULT_ADDR, or one of our own."""
    address = os.environ.get("VAULT_ADDR")
    if address:
        with prepared(address, os.environ["VAULT_TOKEN"]) as vault:
            yield vault
        return
    program = shutil.which("vault") or shutil.which("bao") or core()
    with development_server(program) as url, prepared(url, ROOT) as vault:
        yield vault


@contextmanager
def development_server(program: str) -> Iterator[str]:
    """The address of a server in memory, on the loopback interface. program: `vault`, or what takes its arguments."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with tempfile.TemporaryDirectory() as home, (Path(home) / "log").open("w+") as log:
        command = [program, "server", "-dev", f"-dev-root-token-id={ROOT}", f"-dev-listen-address={address}"]
        environment = {"HOME": home, "PATH": os.environ["PATH"], "SKIP_SETCAP": "1"}
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            _until(lambda: ask(f"http://{address}", ROOT, "GET", "sys/health")[0] == 200, Path(home) / "log")
            yield f"http://{address}"
        finally:
            process.terminate()
            process.wait(30)


def _until(is_true: Any, log: Path) -> None:
    for _unused in range(300):
        try:
            if is_true():
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def ask(url: str, token: str, method: str, path: str, body: Json | None = None) -> tuple[int, Json]:
    """Status and document of an answer."""
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/v1/{path}", content, {"X-Vault-Token": token}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.loads(refusal.read() or b"{}")


@contextmanager
def prepared(url: str, token: str) -> Iterator[Vault]:
    """A real server with what the tests need, in mounts of their own that go afterwards."""
    name = f"bunops-test-{secrets.token_hex(4)}"
    vault = Vault(url, token, f"{name}-kv", f"{name}-plain", f"{name}-approle", f"{name}-kubernetes", name)

    def do(method: str, path: str, body: Json | None = None) -> None:
        # An engine is not ready at once.
        for _unused in range(100):
            status, answer = ask(url, token, method, path, body)
            if status < 400:
                return
            time.sleep(0.1)
        raise AssertionError(f"{method} {path}: {status} {answer}")

    try:
        _fill(vault, do)
        yield vault
    finally:
        for path in (f"mounts/{vault.mount}", f"mounts/{vault.plain}", f"auth/{vault.approle}", f"policies/acl/{name}"):
            do("DELETE", f"sys/{path}")


def _fill(vault: Vault, do: Any) -> None:
    do("POST", f"sys/mounts/{vault.mount}", {"type": "kv", "options": {"version": "2"}})
    do("POST", f"sys/mounts/{vault.plain}", {"type": "kv", "options": {"version": "1"}})
    for version in ({"password": "old"}, {"password": "destroyed"}, {"password": "deleted"}, VALUES):
        do("POST", f"{vault.mount}/data/app/db", {"data": version})
    do("POST", f"{vault.mount}/destroy/app/db", {"versions": [2]})
    do("POST", f"{vault.mount}/delete/app/db", {"versions": [3]})
    do("POST", f"{vault.mount}/data/app/gone", {"data": {"SECRET": CANARY}})
    do("DELETE", f"{vault.mount}/data/app/gone")
    do("POST", f"{vault.mount}/data/other/db", {"data": {"SECRET": CANARY}})
    do("POST", f"{vault.plain}/data/app/db", {"SECRET": CANARY})
    rule = f'path "{vault.mount}/data/app/*" {{ capabilities = ["read"] }}'
    do("POST", f"sys/policies/acl/{vault.policy}", {"policy": rule})
    do("POST", f"sys/auth/{vault.approle}", {"type": "approle"})
    role = f"auth/{vault.approle}/role/reader"
    do("POST", role, {"token_policies": [vault.policy]})
    do("POST", f"{role}/role-id", {"role_id": ROLE_ID})
    do("POST", f"{role}/custom-secret-id", {"secret_id": SECRET_ID})
