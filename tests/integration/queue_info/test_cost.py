# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What measuring costs Redis."""

from __future__ import annotations

import pytest

from ansible_collections.bunops.platform.tests.integration.queue_info.asking import measured, observer
from ansible_collections.bunops.platform.tests.integration.queue_meter.platform_redis import PlatformRedis
from ansible_collections.bunops.platform.tests.integration.queue_meter.test_cost import (
    DELAYED,
    LIMIT_MICROSECONDS,
    READING,
    WAITING,
    many,
    used,
)

__all__ = ["many"]


@pytest.mark.usefixtures("many")
def test_a_million_jobs_cost_no_more_than_a_few(redis: PlatformRedis) -> None:
    before = redis.spent()
    (depth,) = measured(**observer(redis), queues=[{"name": "many"}])
    spent = used(before, redis.spent())
    assert (depth["waiting"], depth["delayed"], depth["due_delayed"]) == (WAITING, DELAYED, DELAYED // 2)
    # Nothing else, such as telling the library's name.
    assert spent.keys() == READING
    assert sum(usec for _, usec in spent.values()) < LIMIT_MICROSECONDS, spent
