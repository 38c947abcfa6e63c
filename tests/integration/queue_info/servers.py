# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Redis servers, Sentinels and clusters in containers of one network, reached from here by their own addresses."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_network
from itertools import islice
from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.tests.integration.queue_meter.waiting import eventually
from ansible_collections.bunops.platform.tests.integration.secret_sync.redis.server import Connection, Refused

PORT = 6379


class Server:
    """A container, and a way to give it commands."""

    def __init__(self, container: Any, network: str, tls: Sequence[str]) -> None:
        self.container = container
        self._network = network
        self._tls = list(tls)

    @property
    def ip(self) -> str:
        self.container.reload()
        return str(self.container.attrs["NetworkSettings"]["Networks"][self._network]["IPAddress"])

    @property
    def url(self) -> str:
        return f"redis://{self.ip}:{PORT}"

    def __call__(self, *words: str | bytes) -> Any:
        """The answer to a command of the user ``default``. Raises Refused."""
        with Connection(PORT, self.ip) as connection:
            return connection(*words)

    def cli(self, *words: str) -> str:
        """What redis-cli in the container prints; it must not fail."""
        done = self.container.exec_run(["redis-cli", *self._tls, *words])
        assert done.exit_code == 0, done.output.decode()
        return str(done.output.decode())

    def answers(self) -> bool:
        self.container.reload()
        assert self.container.status == "running", self.container.logs().decode()
        return bool(self.container.exec_run(["redis-cli", *self._tls, "-e", "PING"]).exit_code == 0)


class Network:
    """Where servers are started; each has a folder of its own, which it sees as /run/redis and may write to."""

    def __init__(self, engine: Any, image: str, name: str, folder: Path) -> None:
        self.name, self._engine, self._image, self._folder = name, engine, image, folder
        self._network = engine.networks.create(name)
        # The folders are for user 1000 in the containers; pytest's own are for nobody else.
        folder.chmod(0o755)

    def folder(self, name: str) -> Path:
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        folder.chmod(0o777)
        return folder

    def first_addresses(self, count: int) -> list[str]:
        """The addresses that the first containers get; the very first one is the gateway's."""
        self._network.reload()
        subnet = ip_network(self._network.attrs["IPAM"]["Config"][0]["Subnet"])
        return [str(address) for address in islice(subnet.hosts(), 1, 1 + count)]

    def start(self, name: str, *arguments: str, command: Sequence[str] = (), tls: Sequence[str] = ()) -> Server:
        """A server that answers. tls: what redis-cli needs to reach it."""
        container = self.run(name, *arguments, command=command)
        server = Server(container, self.name, tls)
        eventually(server.answers, f"{name} answers")
        return server

    def run(self, name: str, *arguments: str, command: Sequence[str] = ()) -> Any:
        """A container that has just been started."""
        redis = ["redis-server", "--save", "", "--protected-mode", "no", "--dir", "/run/redis"]
        return self._engine.containers.run(
            self._image,
            [*(command or redis), *arguments],
            name=f"{self.name}-{name}",
            detach=True,
            network=self.name,
            user="1000:1000",
            cap_drop=["ALL"],
            # Its PING would stand among the commands that are counted.
            healthcheck={"test": ["NONE"]},
            volumes={str(self.folder(name)): {"bind": "/run/redis", "mode": "rw"}},
        )

    def sentinel(self, name: str, service: str, master: Server, *more: str, tls: Sequence[str] = ()) -> Server:
        """A Sentinel that watches a service. more: lines of its configuration."""
        lines = ["port 26379", "dir /run/redis", f"sentinel monitor {service} {master.ip} {PORT} 1"]
        lines += [f"sentinel down-after-milliseconds {service} 1000", "protected-mode no", *more]
        file = self.folder(name) / "sentinel.conf"
        file.write_text("".join(f"{line}\n" for line in lines))
        # Sentinel writes to it what it finds out.
        file.chmod(0o666)
        command = ["redis-server", "/run/redis/sentinel.conf", "--sentinel"]
        return self.start(name, command=command, tls=["-p", "26379", *tls])


__all__ = ["PORT", "Network", "Refused", "Server"]
