# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Every way in which the engine cannot be reached, as one sentence; no engine is needed."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.plugins.module_utils import engine


def said(host: str, timeout: float = 5) -> str:
    """The sentence of a connection that must fail."""
    with pytest.raises(engine.EngineError) as failure:
        engine.connect(host, timeout)
    text = str(failure.value)
    assert "Traceback" not in text
    assert "HTTPConnectionPool" not in text
    return text


def served(path: Path, answer: Callable[[socket.socket], None]) -> str:
    """Address of a socket on which every connection gets the answer."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen()

    def serve() -> None:
        while True:
            answer(server.accept()[0])

    threading.Thread(target=serve, daemon=True).start()
    return f"unix://{path}"


def test_no_socket() -> None:
    assert said("unix:///nonesuch.sock").startswith("The Docker engine's socket unix:///nonesuch.sock does not exist")


def test_nobody_listens(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(str(tmp_path / "s"))
    assert said(f"unix://{tmp_path}/s") == f"Nothing answers at unix://{tmp_path}/s: the Docker engine is not running."
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert said(f"tcp://127.0.0.1:{port}").startswith("Nothing answers at tcp://127.0.0.1:")


def test_no_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: socket.socket, _address: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert said("unix:///var/run/docker.sock").startswith(
        "No permission to use the Docker engine at unix:///var/run/docker.sock: run as root"
    )


def test_no_answer(tmp_path: Path) -> None:
    kept: list[socket.socket] = []
    host = served(tmp_path / "s", kept.append)
    assert said(host, timeout=1) == f"The Docker engine at {host} did not answer in time."


def test_connection_lost(tmp_path: Path) -> None:
    host = served(tmp_path / "s", lambda connection: connection.close())
    assert said(host) == f"The Docker engine at {host} closed the connection: it was stopped or is restarting."


def test_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "docker", None)
    with pytest.raises(engine.LibraryMissing) as failure:
        engine.connect("unix:///nonesuch.sock")
    assert "import docker" in failure.value.trace


def test_which_engine() -> None:
    assert engine.resolve_host("tcp://a", {"DOCKER_HOST": "tcp://b"}) == "tcp://a"
    assert engine.resolve_host(None, {"DOCKER_HOST": "tcp://b"}) == "tcp://b"
    assert engine.resolve_host(None, {}) == "unix:///var/run/docker.sock"
