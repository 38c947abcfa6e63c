# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""How long the client goes on asking."""

from __future__ import annotations

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.patience import Patience, pause_before


@pytest.mark.parametrize(
    ("attempt", "headers", "seconds"),
    [
        (1, {}, 0.1),
        (2, {}, 0.2),
        (5, {}, 1.6),
        (50, {}, 3.0),
        (1, {"retry-after": "7"}, 7.0),
        (4, {"retry-after": "0"}, 0.1),
        (2, {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, 0.2),
    ],
)
def test_pauses(attempt: int, headers: dict[str, str], seconds: float) -> None:
    assert pause_before(attempt, headers) == pytest.approx(seconds)


class Clock:
    """A clock that stands still until told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_trouble_has_one_limit_for_all_requests() -> None:
    clock = Clock()
    patience = Patience(30, clock)
    assert patience.allows(1)
    clock.now += 29
    assert patience.allows(1)
    assert not patience.allows(2)
    clock.now += 5
    # Another request, its first failure.
    assert not patience.allows(0.1)


def test_a_server_that_recovers_gets_all_the_time_again() -> None:
    clock = Clock()
    patience = Patience(30, clock)
    assert patience.allows(1)
    clock.now += 29
    patience.recovered()
    clock.now += 29
    assert patience.allows(29)
