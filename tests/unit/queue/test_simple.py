# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Lists and streams, from what Redis answers."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.queue.depth import MISSING, Depth
from ansible_collections.bunops.platform.plugins.module_utils.queue.spec import Queue
from ansible_collections.bunops.platform.tests.unit.queue.answering import NOW, TIME, depth

TODO = Queue("todo", "list")
NO_KEY = "ERR no such key"


def stream(*groups: list[Any], length: int = 5, last: bytes = b"9-0") -> dict[str, Any]:
    """The answers about a stream whose first entry is 2.5 s old."""
    first = [b"%d-0" % (NOW - 2_500), [b"to", b"someone"]]
    about = [b"length", length, b"last-generated-id", last, b"first-entry", first if length else None]
    return {"TIME": TIME, "EXISTS mails": 1, "XINFO STREAM mails": about, "XINFO GROUPS mails": list(groups)}


def group(name: bytes = b"senders", pending: int = 2, lag: int | None = 3, read: bytes = b"4-0") -> list[Any]:
    return [b"name", name, b"consumers", 1, b"pending", pending, b"last-delivered-id", read, b"lag", lag]


def mails(group_name: str | None = "senders") -> Queue:
    return Queue("mails", "stream", group=group_name)


def test_lists() -> None:
    assert depth(TODO, {"EXISTS todo": 0, "LLEN todo": 0}) == MISSING
    assert depth(TODO, {"EXISTS todo": 1, "LLEN todo": 4}) == Depth(True, waiting=4, demand=4)


def test_streams_without_a_group() -> None:
    assert depth(mails(None), stream()) == Depth(True, waiting=5, oldest_waiting_seconds=2.5, demand=5)
    assert depth(mails(None), stream(length=0)) == Depth(True)


def test_streams_that_are_not_there() -> None:
    nothing = {"TIME": TIME, "EXISTS mails": 0, "XINFO STREAM mails": NO_KEY, "XINFO GROUPS mails": NO_KEY}
    assert depth(mails(), nothing) == MISSING
    assert depth(mails(), stream(group(b"others"))) == MISSING


@pytest.mark.parametrize(
    ("given", "waiting", "oldest"),
    [
        (group(lag=3), 3, None),
        (group(lag=5), 5, 2.5),
        (group(lag=0), 0, None),
        # Redis does not know.
        (group(lag=None), 5, None),
        (group(lag=None, read=b"9-0"), 0, None),
        # Redis 6 does not say.
        (group()[:-2], 5, None),
    ],
)
def test_a_groups_lag(given: list[Any], waiting: int, oldest: float | None) -> None:
    found = depth(mails(), stream(group(b"others", 9, 9), given))
    assert found == Depth(True, waiting, active=2, oldest_waiting_seconds=oldest, demand=waiting + 2)
