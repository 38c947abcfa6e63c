# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A port of this machine that leads to one of a pod, through the API server and the pod's kubelet.

https://github.com/kubernetes/kubernetes/blob/v1.37.2/staging/src/k8s.io/cri-streaming/pkg/streaming/portforward/websocket.go
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Iterator

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.stream import Stream

_PROTOCOL = "v4.channel.k8s.io"
_DATA, _ERROR = 0, 1
_CHUNK = 64 * 1024


class PortForward:
    """port: on the loopback address. failure: what the cluster said last of a connection that it did not make."""

    def __init__(self, client: Client, namespace: str, pod: str, port: int, seconds: float) -> None:
        self.failure = ""
        self._client = client
        self._path = client.path("v1", "Pod", namespace, pod) + "/portforward"
        self._query = {"ports": port}
        self._seconds = seconds
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        # They end with the process, however it ends.
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """No more connections; those that are there end with either side."""
        # It wakes who waits in accept().
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _unused = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._forward, args=(connection,), daemon=True).start()

    def _forward(self, connection: socket.socket) -> None:
        with connection:
            try:
                with contextlib.closing(self._client.stream(self._path, self._query, _PROTOCOL)) as stream:
                    self._relay(connection, stream)
            except (ClusterError, OSError) as error:
                self.failure = self.failure or str(error)

    def _relay(self, connection: socket.socket, stream: Stream) -> None:
        # The first message of each channel is the port's number. Then both are open.
        stream.receive()
        stream.receive()
        stream.limit(self._seconds)
        while True:
            has_more, has_sent = stream.wait(connection, self._seconds)
            if not has_more and not has_sent:
                return
            if has_sent:
                sent = connection.recv(_CHUNK)
                if not sent:
                    return
                stream.send(_DATA, sent)
            if has_more:
                message = stream.receive()
                if message is None:
                    return
                channel, content = message
                if channel == _ERROR:
                    self.failure = " ".join(content.decode("utf-8", "replace").split())
                    return
                connection.sendall(content)


@contextlib.contextmanager
def forwarded(client: Client, namespace: str, pod: str, port: int, seconds: float) -> Iterator[PortForward]:
    """seconds: after which a connection on which nothing moves is ended."""
    forward = PortForward(client, namespace, pod, port, seconds)
    try:
        yield forward
    finally:
        forward.close()
