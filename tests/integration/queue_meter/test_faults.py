# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Redis away, silent and back; the end of the meter."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.queue_meter.conftest import QUEUES, readable
from ansible_collections.bunops.platform.tests.integration.queue_meter.platform_redis import (
    OBSERVER_PASSWORD,
    PASSWORD,
    PlatformRedis,
)
from ansible_collections.bunops.platform.tests.integration.queue_meter.under_test import Meter
from ansible_collections.bunops.platform.tests.integration.queue_meter.waiting import eventually

PATH = "/queues/redis/fetch6"
UP = 'queue_meter_up{store="redis",queue="fetch6"}'


def test_a_redis_that_stops_and_comes_back(meter: Meter, redis: PlatformRedis) -> None:
    assert meter.get(PATH)[0] == 200
    redis.container.stop()
    begin = time.monotonic()
    status, body = meter.get(PATH)
    assert time.monotonic() - begin < 2
    assert status == 503
    assert json.loads(body)["message"].startswith("queue meter: cannot measure redis/fetch6: ")
    samples = meter.samples()
    assert samples[UP] == 0
    assert {name.partition("{")[0] for name in samples} == {"queue_meter_up", "redis_up"}
    assert meter.get("/health")[0] == 200
    redis.container.start()
    redis.wait()
    eventually(lambda: meter.get(PATH)[0] == 200, "measured again", 5)
    assert meter.samples()[UP] == 1
    assert "the queue can be measured again" in [line["msg"] for line in meter.log()]


def test_a_restart_that_nobody_saw_costs_no_answer(meter: Meter, redis: PlatformRedis) -> None:
    assert meter.get(PATH)[0] == 200
    redis.restart()
    assert meter.get(PATH)[0] == 200


def test_a_new_password_counts_from_the_next_connection_on(meter: Meter, redis: PlatformRedis) -> None:
    assert meter.get(PATH)[0] == 200
    try:
        redis.let_in("another-password")
        redis.restart()
        status, body = meter.get(PATH)
        assert status == 503
        assert "WRONGPASS" in body
        meter.password_file.write_text("another-password\n")
        assert meter.get(PATH)[0] == 200
    finally:
        redis.let_in(OBSERVER_PASSWORD)
        redis.restart()
        meter.password_file.write_text(OBSERVER_PASSWORD)
    assert meter.get(PATH)[0] == 200


def test_a_redis_that_is_silent(meter: Meter, redis: PlatformRedis) -> None:
    redis.container.pause()
    try:
        begin = time.monotonic()
        status, body = meter.get(PATH)
        assert 0.9 < time.monotonic() - begin < 2
    finally:
        redis.container.unpause()
    message = "queue meter: cannot measure redis/fetch6: no answer within 1 s"
    assert (status, json.loads(body)) == (503, {"message": message})
    eventually(lambda: meter.get(PATH)[0] == 200, "measured again", 5)


def test_no_secret_is_told(meter: Meter) -> None:
    log = json.dumps(meter.log())
    assert OBSERVER_PASSWORD not in log and PASSWORD not in log


@pytest.fixture
def alone(engine: Any, images: dict[str, str], tmp_path: Path) -> Iterator[Meter]:
    """A meter in a network without a Redis."""
    name = f"bunops-test-{tmp_path.name.replace('_', '-')}-{time.time_ns() % 10**8}"
    network = engine.networks.create(name)
    meter = Meter(engine, images["queue-meter"], name, QUEUES, readable(tmp_path))
    yield meter
    meter.container.remove(force=True)
    network.remove()


def test_it_starts_without_redis_and_ends_at_once(alone: Meter) -> None:
    assert alone.get("/health")[0] == 200
    assert alone.get(PATH)[0] == 503
    begin = time.monotonic()
    alone.container.stop(timeout=10)
    assert time.monotonic() - begin < 5
    alone.container.reload()
    assert alone.container.attrs["State"]["ExitCode"] == 0
    assert alone.log()[-1]["msg"] == "stopped"
