# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What the meter says of real queues, and that the module queue_info says the same of each."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.queue_info.asking import Observer
from ansible_collections.bunops.platform.tests.integration.queue_meter.conftest import BULLMQ, QUEUES, Steps
from ansible_collections.bunops.platform.tests.integration.queue_meter.images import JOBS, ROOT
from ansible_collections.bunops.platform.tests.integration.queue_meter.platform_redis import PlatformRedis
from ansible_collections.bunops.platform.tests.integration.queue_meter.under_test import Meter
from ansible_collections.bunops.platform.tests.integration.queue_meter.waiting import eventually

HOUR = 3_600_000
NOTHING = {
    "exists": False,
    "waiting": 0,
    "prioritized": 0,
    "delayed": 0,
    "due_delayed": 0,
    "active": 0,
    "paused": False,
    "failed": 0,
    "oldest_waiting_seconds": None,
    "oldest_prioritized_seconds": None,
    "oldest_delayed_seconds": None,
    "oldest_active_seconds": None,
    "demand": 0,
}
AGES = [name for name in NOTHING if name.startswith("oldest_")]

pytestmark = pytest.mark.usefixtures("empty")


class Compared:
    """The meter; whatever it says of a queue is compared with what the module says."""

    def __init__(self, meter: Meter, redis: PlatformRedis) -> None:
        self._module = Observer(redis)
        self._meter = meter
        self.get, self.samples = meter.get, meter.samples

    def depth(self, name: str) -> dict[str, Any]:
        options = next({**queue} for queue in QUEUES if queue["name"] == name)
        del options["store"], options["name"]
        first = self._meter.depth(name)
        module = self._module.depth(name, **options)
        depth = self._meter.depth(name)
        # A delayed job may have become due between two of them.
        assert without_age(module) in (without_age(first), without_age(depth))
        for age in AGES:
            ages = [each[age] for each in (first, module, depth)]
            assert ages == [None, None, None] or ages == sorted(ages), (age, ages)
        return depth


@pytest.fixture
def meter(meter: Meter, redis: PlatformRedis) -> Compared:
    return Compared(meter, redis)


def without_age(depth: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in depth.items() if name not in AGES}


def expected(**numbers: object) -> dict[str, Any]:
    return without_age({**NOTHING, "exists": True, **numbers})


def test_the_newest_bullmq_is_the_one_of_the_reference_platform() -> None:
    ours = json.loads((JOBS / "package.json").read_text())["dependencies"]["bullmq"]
    theirs = json.loads((ROOT / "examples/platform/shared/package.json").read_text())["dependencies"]["bullmq"]
    assert ours == theirs


def test_what_nobody_made_does_not_exist(meter: Compared) -> None:
    assert meter.depth("never") == NOTHING


@pytest.mark.parametrize("package", BULLMQ)
class TestBullmq:
    def test_every_state(self, package: str, meter: Compared, jobs: Steps) -> None:
        jobs(package, ["add", 4], ["take", 1], ["fail", 1], ["prioritize", 3], ["delay", 2, HOUR])
        depth = meter.depth(BULLMQ[package])
        assert without_age(depth) == expected(waiting=2, active=1, failed=1, prioritized=3, delayed=2, demand=6)
        assert all(0 <= depth[name] < 60 for name in AGES), depth
        assert depth["oldest_delayed_seconds"] == 0

    def test_the_age_of_the_next_job_grows(self, package: str, meter: Compared, jobs: Steps) -> None:
        jobs(package, ["add", 1])
        first = meter.depth(BULLMQ[package])["oldest_waiting_seconds"]
        jobs(package, ["add", 1])
        assert meter.depth(BULLMQ[package])["oldest_waiting_seconds"] > first

    def test_ages_are_those_of_the_oldest_jobs(self, package: str, meter: Compared, jobs: Steps) -> None:
        older, newer = [["prioritize", 1], ["wait", 300], ["take", 1]], [["prioritize", 1], ["delay", 1, 1]]
        jobs(package, ["add", 3], ["take", 1], *older, ["add", 1], *newer, ["wait", 300], ["delay", 1, 1])
        depth = meter.depth(BULLMQ[package])
        assert without_age(depth) == expected(
            waiting=2, active=2, prioritized=2, delayed=2, due_delayed=depth["due_delayed"], demand=depth["demand"]
        )
        least = {name: 0.3 if name == "oldest_delayed_seconds" else 0.6 for name in AGES}
        assert all(seconds <= depth[name] < 60 for name, seconds in least.items()), depth

    # A worker that looks for something to do moves on what is due; and a job that failed is taken once more.
    @pytest.mark.parametrize(
        "steps", [[["delay", 2, 2_000], ["wait", 2_100], ["take", 1]], [["again", 1], ["wait", 2_000], ["fail", 1]]]
    )
    def test_a_job_waits_since_a_worker_could_take_it(
        self, package: str, steps: list[list[Any]], meter: Compared, jobs: Steps
    ) -> None:
        start = time.monotonic()
        jobs(package, *steps)
        depth = meter.depth(BULLMQ[package])
        assert depth["waiting"] == 1
        assert 0 <= depth["oldest_waiting_seconds"] <= time.monotonic() - start - 2

    def test_delayed_jobs_call_for_a_worker_once_they_are_due(self, package: str, meter: Compared, jobs: Steps) -> None:
        jobs(package, ["delay", 2, 2_000], ["delay", 1, HOUR])
        assert without_age(meter.depth(BULLMQ[package])) == expected(delayed=3)
        eventually(lambda: meter.depth(BULLMQ[package])["demand"] > 0, "the jobs are due", 10)
        assert without_age(meter.depth(BULLMQ[package])) == expected(delayed=3, due_delayed=2, demand=2)

    def test_a_paused_queue_calls_only_for_what_runs(self, package: str, meter: Compared, jobs: Steps) -> None:
        jobs(package, ["add", 4], ["take", 1], ["pause"], ["add", 1], ["prioritize", 1])
        paused = expected(waiting=4, active=1, prioritized=1, paused=True, demand=1)
        assert without_age(meter.depth(BULLMQ[package])) == paused
        jobs(package, ["resume"])
        running = expected(waiting=4, active=1, prioritized=1, demand=6)
        assert without_age(meter.depth(BULLMQ[package])) == running

    def test_a_queue_that_was_worked_off_is_empty_and_exists(self, package: str, meter: Compared, jobs: Steps) -> None:
        jobs(package, ["add", 2], ["finish", 2])
        assert meter.depth(BULLMQ[package]) == {**NOTHING, "exists": True}

    # Just within what is looked at, from the end and from the beginning.
    @pytest.mark.parametrize(("older", "newer"), [(3, 2), (30, 9), (9, 30)])
    def test_a_marker_between_jobs_and_lifo_jobs_is_no_job(
        self, package: str, older: int, newer: int, meter: Compared, jobs: Steps, redis: PlatformRedis
    ) -> None:
        jobs(package, ["delay", 1, HOUR], ["add", older], ["lifo", newer])
        with redis.connect() as connection:
            wait = connection("LRANGE", f"bull:{BULLMQ[package]}:wait", "0", "-1")
        # Only version 4 has one.
        markers = [place for place, entry in enumerate(wait) if str(entry).startswith("0:")]
        assert markers == ([older] if package == "bullmq4" else [])
        waiting = older + newer
        assert without_age(meter.depth(BULLMQ[package])) == expected(waiting=waiting, delayed=1, demand=waiting)

    def test_measuring_changes_nothing(self, package: str, meter: Compared, jobs: Steps, redis: PlatformRedis) -> None:
        # BullMQ's own counting takes the marker of version 4 out of the list.
        jobs(package, ["delay", 1, HOUR], ["prioritize", 1], ["add", 1])
        with redis.connect() as connection:
            before = connection("LRANGE", f"bull:{BULLMQ[package]}:wait", "0", "-1")
            assert meter.depth(BULLMQ[package])["waiting"] == 1
            assert connection("LRANGE", f"bull:{BULLMQ[package]}:wait", "0", "-1") == before


def test_a_marker_far_from_both_ends_is_counted_as_one_job(meter: Compared, jobs: Steps) -> None:
    # The bound that docs/queues.md tells.
    jobs("bullmq4", ["delay", 1, HOUR], ["add", 10], ["lifo", 10])
    assert meter.depth(BULLMQ["bullmq4"])["waiting"] == 21


def test_a_marker_that_a_worker_took_is_active_until_it_throws_it_away(
    meter: Compared, jobs: Steps, redis: PlatformRedis
) -> None:
    # The other bound: this is what a worker of version 4 that waits does first.
    jobs("bullmq4", ["delay", 1, HOUR])
    with redis.connect() as connection:
        connection("RPOPLPUSH", f"bull:{BULLMQ['bullmq4']}:wait", f"bull:{BULLMQ['bullmq4']}:active")
        assert without_age(meter.depth(BULLMQ["bullmq4"])) == expected(delayed=1, active=1, demand=1)


def test_a_list(meter: Compared, redis: PlatformRedis) -> None:
    with redis.connect() as connection:
        connection("DEL", "todo:list")
        assert meter.depth("todo:list") == NOTHING
        connection("RPUSH", "todo:list", "a", "b", "c")
        assert without_age(meter.depth("todo:list")) == expected(waiting=3, demand=3)


def test_a_stream(meter: Compared, redis: PlatformRedis) -> None:
    with redis.connect() as connection:
        connection("DEL", "todo:stream")
        assert meter.depth("todo:stream") == NOTHING
        for _ in range(5):
            connection("XADD", "todo:stream", "*", "to", "someone")
        assert meter.depth("todo:stream") == NOTHING
        connection("XGROUP", "CREATE", "todo:stream", "mail", "0")
        depth = meter.depth("todo:stream")
        assert without_age(depth) == expected(waiting=5, demand=5)
        assert 0 <= depth["oldest_waiting_seconds"] < 60
        connection("XREADGROUP", "GROUP", "mail", "one", "COUNT", "2", "STREAMS", "todo:stream", ">")
        assert without_age(meter.depth("todo:stream")) == expected(waiting=3, active=2, demand=5)


def test_a_key_of_another_type_is_an_error(meter: Compared, redis: PlatformRedis) -> None:
    with redis.connect() as connection:
        connection("DEL", "todo:list")
        connection("SET", "todo:list", "text")
        status, body = meter.get("/queues/redis/todo:list")
        connection("DEL", "todo:list")
    message = "queue meter: cannot measure redis/todo:list: the key todo:list is a string; expected a list"
    assert (status, json.loads(body)) == (503, {"message": message})


def test_metrics(meter: Compared, jobs: Steps) -> None:
    jobs("bullmq", ["add", 3], ["take", 1])
    samples = meter.samples()
    labels = 'store="redis",queue="fetch6"'
    assert samples[f'queue_jobs{{{labels},state="waiting"}}'] == 2
    assert samples[f'queue_jobs{{{labels},state="active"}}'] == 1
    assert 0 < samples[f'queue_oldest_job_seconds{{{labels},state="waiting"}}'] < 60
    assert 0 < samples[f'queue_oldest_job_seconds{{{labels},state="active"}}'] < 60
    assert f'queue_oldest_job_seconds{{{labels},state="delayed"}}' not in samples
    assert samples[f"queue_demand{{{labels}}}"] == 3
    assert samples[f"queue_meter_up{{{labels}}}"] == 1
