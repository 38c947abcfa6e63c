# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What queue_info says of real queues; tests/integration/queue_meter compares it with the meter, state by state."""

from __future__ import annotations

import pytest

from ansible_collections.bunops.platform.tests.integration.queue_info.asking import Observer, measured, observer
from ansible_collections.bunops.platform.tests.integration.queue_meter.conftest import BULLMQ, Steps
from ansible_collections.bunops.platform.tests.integration.queue_meter.platform_redis import PlatformRedis
from ansible_collections.bunops.platform.tests.integration.queue_meter.test_states import (
    HOUR,
    NOTHING,
    expected,
    without_age,
)
from ansible_collections.bunops.platform.tests.integration.queue_meter.waiting import eventually
from ansible_collections.bunops.platform.tests.integration.run_module import Module

pytestmark = pytest.mark.usefixtures("empty")


@pytest.mark.parametrize("package", BULLMQ)
class TestBullmq:
    def test_every_state(self, package: str, queue: Observer, jobs: Steps) -> None:
        jobs(package, ["add", 4], ["take", 1], ["fail", 1], ["prioritize", 3], ["delay", 2, HOUR])
        depth = queue.depth(BULLMQ[package])
        assert without_age(depth) == expected(waiting=2, active=1, failed=1, prioritized=3, delayed=2, demand=6)
        assert 0 <= depth["oldest_waiting_seconds"] < 60

    def test_delayed_jobs_that_are_due(self, package: str, queue: Observer, jobs: Steps) -> None:
        jobs(package, ["delay", 2, 1_000], ["delay", 1, HOUR])
        assert queue.depth(BULLMQ[package])["delayed"] == 3
        eventually(lambda: bool(queue.depth(BULLMQ[package])["due_delayed"] == 2), "the jobs are due", 10)
        assert without_age(queue.depth(BULLMQ[package])) == expected(delayed=3, due_delayed=2, demand=2)

    def test_a_paused_queue(self, package: str, queue: Observer, jobs: Steps) -> None:
        jobs(package, ["add", 4], ["take", 1], ["pause"], ["add", 1], ["prioritize", 1])
        paused = expected(waiting=4, active=1, prioritized=1, paused=True, demand=1)
        assert without_age(queue.depth(BULLMQ[package])) == paused

    def test_measuring_changes_nothing(self, package: str, queue: Observer, jobs: Steps, redis: PlatformRedis) -> None:
        jobs(package, ["delay", 1, HOUR], ["prioritize", 1], ["add", 1])
        with redis.connect() as connection:
            before = connection("LRANGE", f"bull:{BULLMQ[package]}:wait", "0", "-1")
            assert queue.depth(BULLMQ[package])["waiting"] == 1
            assert connection("LRANGE", f"bull:{BULLMQ[package]}:wait", "0", "-1") == before


def test_what_nobody_made_does_not_exist(queue: Observer) -> None:
    for kind in ("bullmq", "list", "stream"):
        assert queue.depth("never", type=kind) == NOTHING


def test_a_stream(queue: Observer, redis: PlatformRedis) -> None:
    with redis.connect() as connection:
        connection("DEL", "own:stream")
        for _ in range(5):
            # Bytes that are no text.
            connection("XADD", "own:stream", "*", "to", b"\xff\xfe")
        assert without_age(queue.depth("own:stream", type="stream")) == expected(waiting=5, demand=5)
        assert queue.depth("own:stream", type="stream", group="mail") == NOTHING
        connection("XGROUP", "CREATE", "own:stream", "mail", "0")
        connection("XREADGROUP", "GROUP", "mail", "one", "COUNT", "2", "STREAMS", "own:stream", ">")
        depth = queue.depth("own:stream", type="stream", group="mail")
        connection("DEL", "own:stream")
    assert without_age(depth) == expected(waiting=3, active=2, demand=5)


def test_the_module_gives_queues_in_their_order_in_check_mode_too(redis: PlatformRedis, jobs: Steps) -> None:
    jobs("bullmq", ["add", 3])
    with redis.connect() as connection:
        connection("DEL", "own:list")
        connection("RPUSH", "own:list", "a", "b")
    queues = [{"name": "own:list", "type": "list"}, {"name": "fetch6"}, {"name": "never"}]
    results = [Module("queue_info").run(check=check, **observer(redis), queues=queues) for check in (False, True)]
    with redis.connect() as connection:
        connection("DEL", "own:list")
    for result in results:
        assert result["changed"] is False, result
        found = [(each["name"], each["exists"], each["waiting"], each["demand"]) for each in result["queues"]]
        assert found == [("own:list", True, 2, 2), ("fetch6", True, 3, 3), ("never", False, 0, 0)]


def test_one_connection_for_all_queues(redis: PlatformRedis) -> None:
    def received() -> int:
        with redis.connect() as connection:
            lines = str(connection("INFO", "stats")).splitlines()
        return next(int(line.partition(":")[2]) for line in lines if line.startswith("total_connections_received:"))

    before = received()
    measured(**observer(redis), queues=[{"name": name} for name in BULLMQ.values()])
    # The test's own second look is one, too.
    assert received() - before == 2
