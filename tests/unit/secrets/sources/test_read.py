# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""All sources at once."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.connections import Connections
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.read import read


class Shelf:
    """A source in memory that counts how often it is fetched. Its values are those of one unit, by key."""

    kind = "shelf"

    def __init__(self, key: str, values: dict[str, bytes | None] | SecretError | None, unit: str = "shelf") -> None:
        self.key, self.values, self.name = key, values, unit
        self.fetched = 0

    def describe(self) -> str:
        return f"{self.key} on the shelf"

    def unit(self) -> Hashable:
        return self.name

    def fetch(self) -> Any:
        self.fetched += 1
        if isinstance(self.values, SecretError):
            raise self.values
        return self.values

    def pick(self, document: dict[str, bytes | None]) -> bytes | None:
        if self.key == "odd":
            raise SecretError("is a list; expected text")
        return document.get(self.key)


class Waiting(Shelf):
    """Goes on when all that share the barrier have begun."""

    def __init__(self, key: str, barrier: threading.Barrier) -> None:
        super().__init__(key, {key: b"v"}, key)
        self.barrier = barrier

    def fetch(self) -> Any:
        self.barrier.wait(10)
        return super().fetch()


class Line:
    """A client."""

    def __init__(self) -> None:
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True


class Shared(Shelf):
    """Fetched over a client that is shared."""

    made: list[Line] = []  # noqa: RUF012

    def fetch_over(self, connections: Connections) -> Any:
        line = connections.get("line", self.connect)
        assert not line.is_closed
        return super().fetch()

    def connect(self) -> Line:
        self.made.append(Line())
        return self.made[-1]


def test_each_unit_is_fetched_once() -> None:
    values: dict[str, bytes | None] = {"a": b"1", "b": b"2", "none": None}
    shelves = {name: Shelf(key, values) for name, key in {"A": "a", "B": "b", "C": "gone", "D": "none"}.items()}
    assert read(shelves) == {"A": b"1", "B": b"2", "C": None, "D": None}
    assert sum(shelf.fetched for shelf in shelves.values()) == 1


def test_what_is_not_there_has_no_value() -> None:
    assert read({"A": Shelf("a", None), "B": Shelf("odd", None)}) == {"A": None, "B": None}
    assert read({}) == {}


def test_they_are_fetched_in_parallel() -> None:
    barrier = threading.Barrier(8)
    assert len(read({f"S{n}": Waiting(f"k{n}", barrier) for n in range(8)})) == 8


def test_all_problems_are_told_a_line_for_each_secret() -> None:
    broken = SecretError("cannot be read: it is stuck; expected a shelf that opens")
    sources = {
        "C": Shelf("c", broken, "one"),
        "A": Shelf("a", broken, "one"),
        "B": Shelf("b", {"b": b"canary"}, "two"),
        "D": Shelf("odd", {"b": b"canary"}, "two"),
    }
    with pytest.raises(SecretError) as caught:
        read(sources)
    assert str(caught.value).splitlines() == [
        "secret A: a on the shelf cannot be read: it is stuck; expected a shelf that opens",
        "secret C: c on the shelf cannot be read: it is stuck; expected a shelf that opens",
        "secret D: odd on the shelf is a list; expected text",
    ]


def test_clients_are_shared_and_ended() -> None:
    sources = {f"S{n}": Shared(f"k{n}", {f"k{n}": b"v"}, f"unit {n}") for n in range(20)}
    assert set(read(sources).values()) == {b"v"}
    assert [line.is_closed for line in Shared.made] == [True]


def test_a_fault_of_ours_is_not_swallowed() -> None:
    class Faulty(Shelf):
        def fetch(self) -> Any:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        read({"A": Faulty("a", {}), "B": Shelf("b", {}, "other")})
