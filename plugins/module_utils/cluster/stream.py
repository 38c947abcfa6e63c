# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Several channels to a pod in one WebSocket: the first byte of each message is the channel's number.

https://github.com/kubernetes/kubernetes/blob/v1.37.2/staging/src/k8s.io/streaming/pkg/httpstream/wsstream/conn.go
"""

from __future__ import annotations

import contextlib
import select
import socket
from typing import Any, Iterator, List, Optional, Tuple
from urllib.parse import urlsplit

from ansible_collections.bunops.platform.plugins.module_utils.cluster.answer import Answer


class Refused(Exception):
    """The API server answers with something other than a WebSocket."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Stream:
    """For one thread at a time: OpenSSL does not read and write one connection in two."""

    def __init__(self, connection: Any) -> None:
        """connection: a WebSocket of the library."""
        self._websocket = connection

    @classmethod
    def open(cls, connection: socket.socket, host: str, target: str, headers: List[str], protocol: str) -> Stream:
        """Ask for it over a connection to the API server. Raises Refused, OSError, ImportError."""
        parts = urlsplit(host)
        url = parts._replace(scheme="wss" if parts.scheme == "https" else "ws").geturl() + target
        try:
            with _library() as websocket:
                # The connection is there: the library neither looks for a proxy nor at a certificate.
                made = websocket.create_connection(
                    url,
                    timeout=connection.gettimeout(),
                    socket=connection,
                    header=headers,
                    subprotocols=[protocol],
                    suppress_origin=True,
                    redirect_limit=0,
                )
        except BaseException:
            connection.close()
            raise
        return cls(made)

    def limit(self, seconds: float) -> None:
        """How long a message may take that has begun."""
        self._websocket.settimeout(seconds)

    def close(self) -> None:
        """At once: there is nobody to say goodbye to, and nothing to wait for."""
        self._websocket.shutdown()

    def send(self, channel: int, data: bytes) -> None:
        """Raises OSError."""
        with _library():
            self._websocket.send_binary(bytes([channel]) + data)

    def receive(self) -> Optional[Tuple[int, bytes]]:
        """Channel and content of the next message, None after the last. Raises OSError."""
        with _library():
            message = self._websocket.recv()
        content = message if isinstance(message, bytes) else message.encode()
        return (content[0], content[1:]) if content else None

    def wait(self, other: socket.socket, seconds: float) -> Tuple[bool, bool]:
        """Whether this and another connection have something to read. Both not: nothing came within those seconds."""
        own = self._websocket.sock
        # What TLS has decrypted already, the system does not know of.
        if getattr(own, "pending", int)():
            return True, bool(select.select([other], [], [], 0)[0])
        readable = select.select([own, other], [], [], seconds)[0]
        return own in readable, other in readable


@contextlib.contextmanager
def _library() -> Iterator[Any]:
    """The library; what it raises, others raise too. Raises Refused, OSError, ImportError."""
    import websocket

    try:
        yield websocket
    except websocket.WebSocketBadStatusException as error:
        body = error.resp_body or b""
        whole = body if isinstance(body, bytes) else body.encode()
        raise Refused(Answer(error.status_code, {}, whole)) from None
    except websocket.WebSocketConnectionClosedException:
        raise ConnectionError("it closes the connection") from None
    except websocket.WebSocketTimeoutException:
        raise TimeoutError("it takes too long") from None
    except websocket.WebSocketException:
        raise OSError("it does not speak WebSocket") from None
