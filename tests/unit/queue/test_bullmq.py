# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Queues of BullMQ, from what Redis answers."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.queue.bullmq import (
    LOOK,
    Waiting,
    last_due_score,
    waiting_in,
)
from ansible_collections.bunops.platform.plugins.module_utils.queue.depth import MISSING, Depth
from ansible_collections.bunops.platform.plugins.module_utils.queue.spec import Queue
from ansible_collections.bunops.platform.tests.unit.queue.answering import EMPTY, EXISTS, NOW, depth

FETCH = Queue("fetch")
PRIORITIZED = "ZRANGE bull:fetch:prioritized 0 0"
TAKEN = "LRANGE bull:fetch:active -2 -1"
DUE_FIRST = "ZRANGE bull:fetch:delayed 0 0 WITHSCORES"
DUE = f"ZCOUNT bull:fetch:delayed -inf {last_due_score(NOW)}"


def waiting(state: str, *entries: bytes) -> dict[str, Any]:
    """The answers about one list of waiting jobs, first entry first."""
    return {
        f"LLEN bull:fetch:{state}": len(entries),
        f"LRANGE bull:fetch:{state} 0 9": list(entries[:10]),
        f"LRANGE bull:fetch:{state} -10 -1": list(entries[-10:]),
    }


def born(name: str, added_ago: int, options: bytes | None = b"{}", taken_ago: int | None = None) -> dict[str, Any]:
    """The answers about a job that waits, in milliseconds; taken_ago: where it was worked on before."""
    processed = None if taken_ago is None else str(NOW - taken_ago).encode()
    return {
        f"HGET bull:fetch:{name} timestamp": str(NOW - added_ago).encode(),
        f"HGET bull:fetch:{name} opts": options,
        f"HGET bull:fetch:{name} processedOn": processed,
    }


def gone(name: str) -> dict[str, Any]:
    return {f"HGET bull:fetch:{name} {field}": None for field in ("timestamp", "opts", "processedOn")}


def taken(name: str, milliseconds_ago: int) -> dict[str, Any]:
    return {f"HGET bull:fetch:{name} processedOn": str(NOW - milliseconds_ago).encode()}


def due_first(milliseconds_ago: int) -> dict[str, Any]:
    return {DUE_FIRST: [b"5", str((NOW - milliseconds_ago) * 4096 + 7).encode()]}


def test_without_any_key_there_is_no_queue() -> None:
    assert depth(FETCH, {**EMPTY, EXISTS: 0}) == MISSING


def test_an_empty_queue_is_there() -> None:
    assert depth(FETCH, EMPTY) == Depth(exists=True)


def test_states_and_what_calls_for_workers() -> None:
    answers = {**EMPTY, **waiting("wait", b"9", b"8", b"7"), **born("7", 12_500), "LLEN bull:fetch:active": 2}
    answers |= {"ZCARD bull:fetch:prioritized": 5, "ZCARD bull:fetch:delayed": 11, "ZCARD bull:fetch:failed": 6, DUE: 4}
    answers |= {PRIORITIZED: [b"3"], **born("3", 99_000), TAKEN: [b"6", b"4"], **taken("4", 7_250), **due_first(500)}
    found = Depth(True, 3, 5, 11, 4, 2, False, 6, 12.5, 99.0, 0.5, 7.25, 14)
    assert depth(FETCH, answers) == found
    paused = depth(FETCH, {**answers, "HGET bull:fetch:meta paused": b"1"})
    assert paused == found._replace(paused=True, demand=2)


def test_versions_4_and_5_keep_jobs_of_a_paused_queue_apart() -> None:
    lists = {**waiting("wait", b"9"), **waiting("paused", b"3", b"2"), **born("9", 1_000), **born("2", 60_000)}
    found = depth(FETCH, {**EMPTY, **lists, "HGET bull:fetch:meta paused": b"1"})
    assert (found.waiting, found.oldest_waiting_seconds, found.demand) == (3, 60, 0)


@pytest.mark.parametrize(
    ("entries", "jobs", "next_job"),
    [
        ([], 0, None),
        ([b"0:0"], 0, None),
        ([b"1"], 1, "1"),
        ([b"0:1800000000000", b"1"], 1, "1"),
        ([b"1", b"0:1800000000000"], 1, "1"),
        ([b"3", b"2", b"1"], 3, "1"),
        ([b"0:0", b"3", b"2", b"1"], 3, "1"),
        ([b"3", b"2", b"1", b"0:0"], 3, "1"),
        # LIFO jobs come behind it.
        ([b"3", b"2", b"0:0", b"4", b"5", b"1"], 5, "1"),
        ([*[b"3"] * 9, b"0:0", *[b"1"] * 500], 509, "1"),
        ([*[b"3"] * 500, b"0:0", *[b"1"] * 9], 509, "1"),
        # The documented bound: too far from both ends to be seen.
        ([*[b"3"] * 10, b"0:0", *[b"1"] * 10], 21, "1"),
        ([b"10:1"], 1, "10:1"),
    ],
)
def test_markers_of_version_4_are_no_jobs(entries: list[bytes], jobs: int, next_job: str | None) -> None:
    assert waiting_in(len(entries), entries[:LOOK], entries[-LOOK:]) == Waiting(jobs, next_job)


def test_ages() -> None:
    one = {**EMPTY, **waiting("wait", b"7")}
    # A clock ahead of Redis's, and a job that was taken between the two rounds.
    assert depth(FETCH, {**one, **born("7", -5_000)}).oldest_waiting_seconds == 0
    assert depth(FETCH, {**one, **gone("7")}).oldest_waiting_seconds is None


@pytest.mark.parametrize("state", ["waiting", "prioritized"])
@pytest.mark.parametrize(
    ("job", "seconds"),
    [
        (born("7", 60_000, b'{"attempts":3,"delay":0}'), 60),
        # It could not be taken for the first 50 s, or was for the last time 10 s ago.
        (born("7", 60_000, b'{"delay":50000}'), 10),
        (born("7", 60_000, b'{"delay":50000.5}'), 10),
        (born("7", 60_000, b'{"delay":20000}', 10_000), 10),
        (born("7", 60_000, b"{}", 10_000), 10),
        # Somebody moved it on before its time.
        (born("7", 60_000, b'{"delay":90000}'), 0),
        # No options of BullMQ's.
        (born("7", 60_000, None), 60),
        (born("7", 60_000, b"none"), 60),
        (born("7", 60_000, b"[1]"), 60),
        (born("7", 60_000, b'{"delay":"soon"}'), 60),
        (born("7", 60_000, b'{"delay":-50000}'), 60),
        (born("7", 60_000, b'{"delay":1e999}'), 60),
    ],
)
def test_a_job_waits_since_a_worker_could_take_it(state: str, job: dict[str, Any], seconds: float) -> None:
    there = waiting("wait", b"7") if state == "waiting" else {PRIORITIZED: [b"7"]}
    assert getattr(depth(FETCH, {**EMPTY, **there, **job}), f"oldest_{state}_seconds") == seconds


def test_ages_of_other_states() -> None:
    assert depth(FETCH, {**EMPTY, **due_first(-3_600_000)}).oldest_delayed_seconds == 0
    # From 2039 on, scores are no exact numbers any more.
    assert depth(FETCH, {**EMPTY, DUE_FIRST: [b"5", b"9.3e+15"]}).oldest_delayed_seconds == 0
    # A marker that a worker of version 4 has taken, and jobs that were removed between the two rounds.
    marked = {**EMPTY, TAKEN: [b"4", b"0:1800000000000"], **taken("4", 3_000)}
    assert depth(FETCH, marked).oldest_active_seconds == 3
    assert depth(FETCH, {**EMPTY, TAKEN: [b"0:0"]}).oldest_active_seconds is None
    found = depth(FETCH, {**EMPTY, TAKEN: [b"4"], PRIORITIZED: [b"3"], **gone("4"), **gone("3")})
    assert (found.oldest_active_seconds, found.oldest_prioritized_seconds) == (None, None)


def test_the_score_of_what_is_due_is_exact() -> None:
    assert last_due_score(NOW) == "7372800000507903"
    assert int(last_due_score(NOW)) == NOW * 4096 + 4095


def test_the_prefix_is_the_applications() -> None:
    answers = {command.replace("bull:", "{app}:"): answer for command, answer in EMPTY.items()}
    assert depth(Queue("fetch", prefix="{app}"), answers).exists
