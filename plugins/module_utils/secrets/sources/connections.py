# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Clients that several sources share while they are read."""

from __future__ import annotations

import threading
from typing import Any, Callable, Dict, Hashable, Protocol, TypeVar, runtime_checkable


class Closable(Protocol):
    """What has connections that can be ended."""

    def close(self) -> None:
        """End them."""
        ...


Client = TypeVar("Client", bound=Closable)


class Connections:
    """Makes a client for the first source that needs it and hands it to the others; thread-safe."""

    def __init__(self) -> None:
        self._clients: Dict[Hashable, Any] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Connections:
        return self

    def __exit__(self, *_unused: object) -> None:
        for client in self._clients.values():
            client.close()

    def get(self, key: Hashable, make: Callable[[], Client]) -> Client:
        """The client of a key. Raises what making it raises."""
        with self._lock:
            if key not in self._clients:
                self._clients[key] = make()
            client: Client = self._clients[key]
            return client


@runtime_checkable
class Connected(Protocol):
    """A source that is fetched over a client which it can share."""

    def fetch_over(self, connections: Connections) -> Any:
        """As Source.fetch."""
        ...
