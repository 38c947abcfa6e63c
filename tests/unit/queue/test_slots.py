# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Slots of a cluster, as the library and Redis have them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.crc import key_slot

from ansible_collections.bunops.platform.plugins.module_utils.queue.addresses import Address
from ansible_collections.bunops.platform.plugins.module_utils.queue.answers import OddAnswer
from ansible_collections.bunops.platform.plugins.module_utils.queue.cluster import Range, ranges_of
from ansible_collections.bunops.platform.plugins.module_utils.queue.slots import slot_of

SEED = Address("seed.example", 7000)


def test_slots_that_redis_names() -> None:
    assert [slot_of(key) for key in ("foo", "123456789", "{foo}bar", "")] == [12182, 12739, 12182, 0]


@given(st.text(alphabet="ab{}:é", max_size=12))
def test_the_library_has_the_same(key: str) -> None:
    assert slot_of(key) == key_slot(key.encode())


def test_servers_of_slots() -> None:
    answer = [
        [0, 5460, [b"10.0.0.1", 7001, b"id", []], [b"10.0.0.4", 7004, b"id", []]],
        [5461, 10922, [b"", 7002, b"id"]],
        [10923, 16383, [None, 7003, b"id"]],
    ]
    assert ranges_of(answer, SEED) == [
        Range(0, 5460, Address("10.0.0.1", 7001)),
        Range(5461, 10922, Address("seed.example", 7002)),
        Range(10923, 16383, Address("seed.example", 7003)),
    ]


@pytest.mark.parametrize("answer", [b"OK", [[0, 1]], [[0, 1, [b"host"]]], [[0, b"x", [b"host", 1]]]])
def test_odd_answers(answer: object) -> None:
    with pytest.raises((OddAnswer, ValueError)):
        ranges_of(answer, SEED)
