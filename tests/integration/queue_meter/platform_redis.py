# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A Redis with the platform's users, in a container of a network of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.secrets.derived import redis_acl
from ansible_collections.bunops.platform.tests.integration.queue_meter.waiting import eventually
from ansible_collections.bunops.platform.tests.integration.secret_sync.redis.server import Connection, Refused

PASSWORD = "password-of-the-programs"
OBSERVER_PASSWORD = "password-of-the-observer"


class PlatformRedis:
    """Reached as ``redis`` in the network, and as ``url`` from here; it sees ``folder`` as /run/redis."""

    def __init__(self, engine: Any, image: str, network: str, folder: Path, *arguments: str) -> None:
        self._acl = folder / "users.acl"
        self.let_in(OBSERVER_PASSWORD)
        self.container = engine.containers.run(
            image,
            ["redis-server", "--save", "", "--aclfile", "/run/redis/users.acl", *arguments],
            name=f"{network}-redis",
            detach=True,
            network=network,
            user="1000:1000",
            read_only=True,
            cap_drop=["ALL"],
            # Its PING would stand among the commands that are counted.
            healthcheck={"test": ["NONE"]},
            volumes={str(folder): {"bind": "/run/redis", "mode": "ro"}},
            ports={"6379/tcp": ("127.0.0.1", None)},
        )
        engine.api.disconnect_container_from_network(self.container.id, network)
        engine.api.connect_container_to_network(self.container.id, network, aliases=["redis"])
        self.wait()

    def let_in(self, observer_password: str) -> None:
        """Sets the observer's password, from the next start on."""
        self._acl.write_bytes(redis_acl([PASSWORD.encode()], [observer_password.encode()]))

    def restart(self) -> None:
        self.container.restart()
        self.wait()

    @property
    def port(self) -> int:
        self.container.reload()
        return int(self.container.ports["6379/tcp"][0]["HostPort"])

    @property
    def url(self) -> str:
        return f"redis://:{PASSWORD}@127.0.0.1:{self.port}"

    def connect(self) -> Connection:
        """A connection of a program."""
        connection = Connection(self.port)
        connection("AUTH", PASSWORD)
        return connection

    def wait(self) -> None:
        eventually(self._answers, "Redis")

    def _answers(self) -> bool:
        try:
            with self.connect() as redis:
                return bool(redis("PING") == "PONG")
        except (OSError, AssertionError, KeyError, Refused):
            return False

    def spent(self) -> dict[str, tuple[int, int]]:
        """Calls and microseconds so far, by command."""
        with self.connect() as redis:
            lines = str(redis("INFO", "commandstats")).splitlines()
        stats = {}
        for line in lines:
            name, separator, values = line.partition(":")
            if separator and name.startswith("cmdstat_"):
                numbers = dict(pair.split("=") for pair in values.split(","))
                stats[name[len("cmdstat_") :]] = (int(numbers["calls"]), int(numbers["usec"]))
        return stats
