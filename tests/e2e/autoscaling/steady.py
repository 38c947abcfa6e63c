# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Requests at a steady rate, from this machine to a Service of the cluster."""

from __future__ import annotations

import http.client
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType

AT_ONCE = 5
# It stops by itself.
LONGEST = 240.0


class Requests:
    """``with Requests(address, port, per_second):`` all of which have to be answered with 200."""

    def __init__(self, address: str, port: int, per_second: float) -> None:
        self._address = address
        self._port = port
        self._interval = AT_ONCE / per_second
        self._ended = threading.Event()
        self._pool = ThreadPoolExecutor(AT_ONCE)

    def __enter__(self) -> Requests:
        begin = time.monotonic()
        each = self._interval / AT_ONCE
        self._senders = [self._pool.submit(self._send, begin + number * each) for number in range(AT_ONCE)]
        return self

    def __exit__(self, _type: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self._ended.set()
        self._pool.shutdown()
        for sender in self._senders:
            sender.result()

    def _send(self, following: float) -> None:
        """From that moment on; what is late is made up for."""
        end = following + LONGEST
        while not self._ended.wait(max(0.0, following - time.monotonic())) and following < end:
            following += self._interval
            self._one()

    def _one(self) -> None:
        # A connection each, so that they go to all pods.
        connection = http.client.HTTPConnection(self._address, self._port, timeout=10)
        try:
            connection.request("GET", "/")
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (200, b"ok")
        finally:
            connection.close()
