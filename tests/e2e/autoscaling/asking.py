# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Asks a Service of the cluster, from this machine."""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any


def asked(address: str, port: int, path: str) -> Any:
    """The JSON that it answers."""
    # Not urllib: it would go by a proxy of the environment.
    connection = http.client.HTTPConnection(address, port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 200, text
        return json.loads(text)
    finally:
        connection.close()


def is_reached(address: str, port: int) -> bool:
    """Whether a Service takes connections from this machine.

    A moment after its pods are ready it may not, and a connection that was begun too early never gets there.
    """
    try:
        socket.create_connection((address, port), timeout=1).close()
    except OSError:
        return False
    return True
