# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Who is called outside of the cluster: this machine, and a host with a public address.

That host is a network namespace beside the node's, which ends with the cluster: nothing is sent anywhere else.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Sequence
from types import TracebackType

from ansible_collections.bunops.platform.tests.cluster import Cluster

LIMIT = 30
# An address for documentation that nobody has: https://datatracker.ietf.org/doc/html/rfc5737.
PUBLIC, ROUTER = "192.0.2.7", "192.0.2.1"
# The kernel answers whoever connects.
LISTEN = """\
import socket, sys
sockets = [socket.create_server((sys.argv[1], int(port))) for port in sys.argv[2:]]
print("listens", flush=True)
sys.stdin.read()
"""


class Neighbours:
    """They listen at the given ports within the block."""

    def __init__(self, cluster: Cluster, ports: Sequence[int]) -> None:
        self._cluster = cluster
        self._ports = ports
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> None:
        self._node = ["nsenter", f"--target={self._cluster.pid('kubelet')}", "--mount", "--pid", "--net", "--"]
        self._make_host()
        self._host = subprocess.Popen(
            [*self._node, *_in_host(sys.executable, "-c", LISTEN, PUBLIC, *map(str, self._ports))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._host.stdout is not None
        assert self._host.stdout.readline() == "listens\n"
        self._sockets = [socket.create_server((self._cluster.host_address, port)) for port in self._ports]

    def __exit__(self, _type: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        for listening in self._sockets:
            listening.close()
        self._host.communicate(timeout=LIMIT)

    def _make_host(self) -> None:
        for command in (
            ["ip", "netns", "add", "outside"],
            ["ip", "link", "add", "outside", "type", "veth", "peer", "name", "eth0", "netns", "outside"],
            ["ip", "address", "add", f"{ROUTER}/24", "dev", "outside"],
            ["ip", "link", "set", "outside", "up"],
            _in_host("ip", "address", "add", f"{PUBLIC}/24", "dev", "eth0"),
            _in_host("ip", "link", "set", "eth0", "up"),
            _in_host("ip", "route", "add", "default", "via", ROUTER),
        ):
            subprocess.run([*self._node, *command], check=True, timeout=LIMIT)


def _in_host(*command: str) -> list[str]:
    return ["nsenter", "--net=/run/netns/outside", "--", *command]
