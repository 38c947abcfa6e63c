# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The rate limit of the reference platform's API, as many clients meet it."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.bunops.platform.tests.e2e.edge.client import Answer, Client

PER_SECOND = 20
_REQUESTS = 100


def check_limit(client: Client) -> None:
    """Raises AssertionError."""
    answers, seconds = faster_than_the_limit(client)
    counted = Counter(answer.status for answer in answers)
    assert set(counted) == {200, 429}, counted
    assert PER_SECOND <= counted[200] <= PER_SECOND * (1 + seconds) + 1, (counted, seconds)
    assert {answer.headers["retry-after"] for answer in answers if answer.status == 429} == {"1"}
    assert client.get("/v1/jobs", "203.0.113.2").status == 200
    # What comes before the address that the proxy tells is the client's own word.
    assert client.get("/v1/jobs", "203.0.113.9, 203.0.113.3").status == 200
    time.sleep(1)
    assert client.get("/v1/jobs", "203.0.113.1").status == 200


def faster_than_the_limit(client: Client) -> tuple[list[Answer], float]:
    """The answers to 100 requests, and the seconds that they took; a busy machine may need a few attempts."""
    for _ in range(5):
        started = time.monotonic()
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda _: client.get("/v1/jobs", "203.0.113.1"), range(_REQUESTS)))
        seconds = time.monotonic() - started
        if PER_SECOND * (1 + seconds) < _REQUESTS - PER_SECOND:
            return answers, seconds
        # Until as many as at first may come again.
        time.sleep(1)
    raise AssertionError(f"{_REQUESTS} requests take {seconds} s, which is too slow for the limit")
