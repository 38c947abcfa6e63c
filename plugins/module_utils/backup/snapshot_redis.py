# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A snapshot of a running Redis by its own replication protocol: Redis forks, and goes on serving.

https://redis.io/docs/latest/operate/oss_and_stack/management/replication/
"""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from ansible_collections.bunops.platform.plugins.module_utils.backup.errors import BackupError
from ansible_collections.bunops.platform.plugins.module_utils.backup.model import Store

_CHUNK = 1 << 20


def take(store: Store, secret: str, target: Path, timeout: float) -> None:
    """Write the RDB of the server. Raises BackupError."""
    where = urlsplit(store.url or "")
    host, port = where.hostname or "", where.port or 6379
    try:
        with socket.create_connection((host, port), timeout) as plain:
            if where.scheme == "rediss":
                with ssl.create_default_context().wrap_socket(plain, server_hostname=host) as safe:
                    _receive(store, secret, safe, target)
            else:
                _receive(store, secret, plain, target)
    except OSError as error:
        raise BackupError("%s: no snapshot of Redis at %s:%d: %s" % (store.name, host, port, error)) from None


def _receive(store: Store, secret: str, connection: socket.socket, target: Path) -> None:
    with connection.makefile("rb") as answers:
        if secret:
            connection.sendall(_command("AUTH", store.username or "default", secret))
            _expect_ok(store, answers.readline())
        connection.sendall(_command("SYNC"))
        left = _length(store, answers)
        with target.open("wb") as file:
            while left:
                chunk = answers.read(min(left, _CHUNK))
                if not chunk:
                    raise BackupError("%s: Redis closed the connection before the snapshot's end" % store.name)
                file.write(chunk)
                left -= len(chunk)


def _length(store: Store, answers: BinaryIO) -> int:
    """While Redis makes the snapshot, it sends empty lines."""
    line = b"\n"
    while line == b"\n":
        line = answers.readline()
    if not line.startswith(b"$") or not line[1:].strip().isdigit():
        raise BackupError("%s: Redis gives no snapshot: %s" % (store.name, _said(line)))
    return int(line[1:])


def _expect_ok(store: Store, line: bytes) -> None:
    if not line.startswith(b"+OK"):
        user = store.username or "default"
        raise BackupError("%s: Redis refuses the user %s: %s" % (store.name, user, _said(line)))


def _said(line: bytes) -> str:
    return line.decode("utf-8", "replace").strip().lstrip("-") or "it closed the connection"


def _command(*words: str) -> bytes:
    parts = [b"*%d\r\n" % len(words)]
    parts += [b"$%d\r\n%s\r\n" % (len(word), word) for word in (each.encode() for each in words)]
    return b"".join(parts)
