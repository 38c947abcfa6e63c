# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What measuring costs Redis."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.bunops.platform.tests.integration.queue_meter.platform_redis import PlatformRedis
from ansible_collections.bunops.platform.tests.integration.queue_meter.under_test import Meter

WAITING = 1_000_000
DELAYED = 100_000
LIMIT_MICROSECONDS = 5_000
READING = {"exists", "hget", "llen", "lrange", "time", "zcard", "zcount", "zrange"}
# The test's own: it asks for the numbers.
OWN = {"auth", "info", "hello"}


@pytest.fixture
def many(redis: PlatformRedis) -> Iterator[None]:
    """A queue as BullMQ writes it, but for the hashes of its jobs."""
    with redis.connect() as connection:
        now = int(time.time() * 1000)
        connection("HSET", "bull:many:meta", "opts.maxLenEvents", "10000")
        for start in range(0, WAITING, 10_000):
            connection("LPUSH", "bull:many:wait", *(str(number) for number in range(start, start + 10_000)))
        for start in range(0, DELAYED, 1_000):
            # Half of them were due a minute ago.
            due = now + (60_000 if start >= DELAYED // 2 else -60_000)
            pairs = ((str(due * 4096 + n), f"d{start + n}") for n in range(1_000))
            connection("ZADD", "bull:many:delayed", *(word for pair in pairs for word in pair))
        connection("HSET", "bull:many:0", "timestamp", str(now))
        yield
        connection("DEL", "bull:many:meta", "bull:many:wait", "bull:many:delayed", "bull:many:0")


Stats = dict[str, tuple[int, int]]


def used(before: Stats, after: Stats) -> Stats:
    """Calls and microseconds between two looks, by command, without the test's own."""
    old = {name: before.get(name, (0, 0)) for name in after}
    change = {name: (calls - old[name][0], usec - old[name][1]) for name, (calls, usec) in after.items()}
    return {name: (calls, usec) for name, (calls, usec) in change.items() if calls > 0 and name not in OWN}


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("scalers", [1, 20])
def test_a_million_jobs_cost_no_more_than_a_few(meter: Meter, redis: PlatformRedis, scalers: int) -> None:
    meter.depth("many")
    before = redis.spent()
    with ThreadPoolExecutor(scalers) as pool:
        answers = list(pool.map(meter.depth, ["many"] * scalers))
    spent = used(before, redis.spent())
    for answer in answers:
        assert (answer["waiting"], answer["delayed"], answer["due_delayed"]) == (WAITING, DELAYED, DELAYED // 2)
    assert spent.keys() == READING
    assert spent["time"][0] <= scalers
    assert sum(usec for _, usec in spent.values()) < LIMIT_MICROSECONDS, spent
