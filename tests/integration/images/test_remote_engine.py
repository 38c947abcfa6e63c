# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The engine at another address than a local socket."""

from __future__ import annotations

import contextlib
import os
import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.engine import DEFAULT_HOST
from ansible_collections.bunops.platform.tests.integration.images.conftest import Project, causes
from ansible_collections.bunops.platform.tests.integration.run_module import Module


class _Forwarder(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        with socket.socket(socket.AF_UNIX) as engine:
            engine.connect(os.environ.get("DOCKER_HOST", DEFAULT_HOST).partition("://")[2])
            back = threading.Thread(target=_copy, args=(engine, self.request), daemon=True)
            back.start()
            _copy(self.request, engine)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    # Either side may be gone already.
    with contextlib.suppress(OSError):
        while block := source.recv(65536):
            target.sendall(block)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture
def address() -> Iterator[str]:
    """The local engine, as if it were reached over the network."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Forwarder) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"tcp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_images_are_built_and_recognised_there(image_set: Module, project: Project, address: str) -> None:
    first = image_set.ok(**project.options, docker_host=address)
    assert first["changed"]
    again = image_set.ok(**project.options, docker_host=address)
    assert (again["changed"], causes(again)) == (False, {})
    # It is the same engine, so what was remembered holds at its other address.
    assert causes(image_set.ok(**project.options)) == {}


def test_base_images_are_found_there(base_images: Module, busybox_image: str, address: str) -> None:
    result = base_images.ok(images=[{"name": busybox_image, "debian": "bookworm"}], docker_host=address)
    assert result["reason"] == "The engine has all base images."


def test_an_address_where_nothing_answers(image_set: Module, project: Project) -> None:
    message = image_set.failing(**project.options, docker_host="tcp://127.0.0.1:1")["msg"]
    assert message == "Nothing answers at tcp://127.0.0.1:1: the Docker engine is not running."
