# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A dump that breaks off is none."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.backup.errors import BackupError
from ansible_collections.bunops.platform.plugins.module_utils.backup.snapshot_libsql import dump

HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.fixture
def serve() -> Iterator[Callable[[bytes], str]]:
    """Answers one request with these bytes; returns the URL."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def answer(content: bytes) -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(content)

        def start(content: bytes) -> str:
            threading.Thread(target=answer, args=(content,), daemon=True).start()
            return f"http://127.0.0.1:{listener.getsockname()[1]}"

        yield start


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param(b"6\r\nBEGIN;", id="the connection ends within a part"),
        pytest.param(b"6\r\nBEGIN;\r\n", id="the connection ends after a part"),
        pytest.param(b"8\r\nCOMMIT;\n\r\n", id="the connection ends after all, which nobody can know"),
        pytest.param(b"6\r\nBEGIN;\r\n0\r\n\r\n", id="the server ends it"),
    ],
)
def test_a_dump_that_breaks_off_is_refused(serve: Callable[[bytes], str], tmp_path: Path, rest: bytes) -> None:
    url = serve(HEAD + rest)
    with pytest.raises(BackupError) as refused:
        dump("turso", url, {}, tmp_path / "turso.sql", 10)
    assert str(refused.value) == f"turso: libSQL at {url} ended the dump before its end; its log may say why"


def test_a_dump_is_written_whole(serve: Callable[[bytes], str], tmp_path: Path) -> None:
    url = serve(HEAD + b"f\r\nBEGIN;\nCOMMIT;\n\r\n0\r\n\r\n")
    dump("turso", url, {}, tmp_path / "turso.sql", 10)
    assert (tmp_path / "turso.sql").read_bytes() == b"BEGIN;\nCOMMIT;\n"
