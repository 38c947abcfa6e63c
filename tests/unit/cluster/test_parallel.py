# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Work on several threads."""

from __future__ import annotations

import threading

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.parallel import for_each


@pytest.mark.parametrize("threads", [1, 3, 50])
def test_results_are_in_order(threads: int) -> None:
    numbers = list(range(20))
    assert for_each(numbers, lambda number: number * number, threads) == [number * number for number in numbers]
    assert for_each([], lambda number: number, threads) == []


def test_work_is_done_at_the_same_time() -> None:
    together = threading.Barrier(4, timeout=10)
    for_each(list(range(4)), lambda _number: together.wait(), 4)


def test_an_error_ends_the_handing_out() -> None:
    done: list[int] = []

    def work(number: int) -> None:
        if number == 3:
            raise ValueError("three")
        done.append(number)

    with pytest.raises(ValueError, match="three"):
        for_each(list(range(1000)), work, 2)
    assert len(done) < 999
