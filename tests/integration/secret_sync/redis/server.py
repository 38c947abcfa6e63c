# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The platform's Redis in a container, run as the catalog says, and a client that speaks its protocol."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any, BinaryIO

import yaml

from ansible_collections.bunops.platform.plugins.plugin_utils.model.health import ExecHealth
from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.model.stores import LocalStore
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.stores import StoreProgram, store_program

_CATALOG = Path(__file__).resolve().parents[4] / "inventories/local/group_vars/all/platform.yml"
_LIMIT = 30.0


class Refused(Exception):
    """An error that Redis answered with."""


def program() -> StoreProgram:
    """How the reference catalog runs its Redis."""
    platform = Platform.parse(yaml.safe_load(_CATALOG.read_text())["platform"])
    store = platform.stores["redis"]
    assert isinstance(store, LocalStore)
    return store_program(platform, "redis", store)


class Connection:
    """One connection. https://redis.io/docs/latest/develop/reference/protocol-spec/"""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._socket = socket.create_connection((host, port), timeout=_LIMIT)
        self._answers: BinaryIO = self._socket.makefile("rb")

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self._answers.close()
        self._socket.close()

    def __call__(self, *words: str | bytes) -> Any:
        """The answer to a command. Raises Refused."""
        parts = [word if isinstance(word, bytes) else word.encode() for word in words]
        self._socket.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))
        return self._answer()

    def _answer(self) -> Any:
        line = self._answers.readline()
        assert line.endswith(b"\r\n"), "Redis has closed the connection"
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise Refused(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"+":
            return rest.decode()
        if int(rest) < 0:
            return None
        if kind == b"$":
            return self._answers.read(int(rest) + 2)[:-2].decode("utf-8", "replace")
        # Errors inside of a transaction's answer are answers.
        return [self._answer_or_error() for _ in range(int(rest))]

    def _answer_or_error(self) -> Any:
        try:
            return self._answer()
        except Refused as error:
            return error


class Server:
    """A container as Compose would run it: no root, a read-only root, the ACL file below /run/secrets."""

    def __init__(self, engine: Any, image: str, name: str, acl: Path) -> None:
        self._program = program()
        users = self._program.users
        assert users is not None
        self.container = engine.containers.run(
            image,
            self._program.command,
            name=name,
            detach=True,
            init=True,
            user="1000:1000",
            read_only=True,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            tmpfs={"/data": "uid=1000,gid=1000"},
            volumes={str(acl.resolve()): {"bind": f"/run/secrets/{users.file}", "mode": "ro"}},
            ports={"6379/tcp": ("127.0.0.1", None)},
        )
        self._wait()
        self.container.reload()
        self.port = int(self.container.ports["6379/tcp"][0]["HostPort"])

    def healthy(self) -> bool:
        """Whether the health check of the catalog says so."""
        health = self._program.health
        assert isinstance(health, ExecHealth)
        return bool(self.container.exec_run(list(health.exec)).exit_code == 0)

    def as_user(self, user: str, password: str | bytes) -> Connection:
        """A connection that has logged in. Raises Refused."""
        connection = Connection(self.port)
        try:
            connection("AUTH", user, password)
        except Refused:
            connection.__exit__()
            raise
        return connection

    def _wait(self) -> None:
        end = time.monotonic() + _LIMIT
        while not self.healthy():
            self.container.reload()
            assert self.container.status == "running" and time.monotonic() < end, self.container.logs().decode()
            time.sleep(0.1)
