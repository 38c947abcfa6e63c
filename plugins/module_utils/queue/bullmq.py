# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Measures a queue of BullMQ 4 to 6. Pure: what is to be asked goes out, the answers come in.

Keys are `<prefix>:<name>:<state>`:

- wait, active: lists; paused: a list too, in which versions 4 and 5 keep the waiting jobs of a paused queue
- prioritized, delayed, failed, completed: sorted sets; scores of delayed are milliseconds * 4096 + a counter
- meta: a hash, with the field `paused` while the queue is paused

https://docs.bullmq.io
"""

from __future__ import annotations

from typing import List, NamedTuple, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.queue.answers import (
    Command,
    all_done,
    items,
    milliseconds,
    text,
    whole,
)
from ansible_collections.bunops.platform.plugins.module_utils.queue.depth import MISSING, Steps, age_seconds, depth_of

# Any of them shows that there is a queue. Workers alone leave other keys, such as stalled-check.
KEYS = ("meta", "id", "wait", "paused", "active", "prioritized", "delayed", "failed", "completed")
# How many entries of a list are looked at from each end.
LOOK = 10


class Waiting(NamedTuple):
    """One list of waiting jobs: how many, and the id of the job that is next."""

    jobs: int
    next: Optional[str]


def measure(prefix: str, name: str) -> Steps:
    """Two rounds; the second one asks what is due, for which the first one brought the time. Raises Refusal."""
    begin = f"{prefix}:{name}:"
    answers = all_done((yield _first_round(begin)))
    time, found, paused, active, prioritized, delayed, failed, *lists = answers
    if whole(found) == 0:
        return MISSING
    now = milliseconds(time)
    waiting = [waiting_in(whole(lists[at]), items(lists[at + 1]), items(lists[at + 2])) for at in (0, 3)]
    births: List[Command] = [("HGET", begin + each.next, "timestamp") for each in waiting if each.next is not None]
    due, *born = all_done((yield [("ZCOUNT", f"{begin}delayed", "-inf", last_due_score(now)), *births]))
    ages = [age_seconds(now, whole(since)) for since in born if since is not None]
    return depth_of(
        waiting=sum(each.jobs for each in waiting),
        prioritized=whole(prioritized),
        delayed=whole(delayed),
        due_delayed=whole(due),
        active=whole(active),
        paused=paused is not None,
        failed=whole(failed),
        oldest_waiting_seconds=max(ages, default=None),
    )


def waiting_in(length: int, head: Sequence[bytes], tail: Sequence[bytes]) -> Waiting:
    """head, tail: the first and the last `LOOK` entries, which in a short list are the same ones; the last is next."""
    # A marker comes only into an empty list, so there is one at the most. Jobs come before it, and those that are to
    # be next (LIFO, stalled, of a flow, held back by a rate limit) behind it.
    marked = any(_is_marker(entry) for entry in (*head, *tail))
    jobs = [entry for entry in tail if not _is_marker(entry)]
    return Waiting(max(0, length - int(marked)), text(jobs[-1]) if jobs else None)


def last_due_score(now: int) -> str:
    """The last score that is due at a time in milliseconds; the millisecond that has begun is due as a whole."""
    return str((now + 1) * 4096 - 1)


def _is_marker(entry: bytes) -> bool:
    """Version 4 leaves `0:<milliseconds>` in the lists to wake workers."""
    return entry.startswith(b"0:")


def _first_round(begin: str) -> List[Command]:
    commands: List[Command] = [
        ("TIME",),
        ("EXISTS", *(begin + state for state in KEYS)),
        ("HGET", f"{begin}meta", "paused"),
        ("LLEN", f"{begin}active"),
        ("ZCARD", f"{begin}prioritized"),
        ("ZCARD", f"{begin}delayed"),
        ("ZCARD", f"{begin}failed"),
    ]
    for state in ("wait", "paused"):
        key = begin + state
        commands += [("LLEN", key), ("LRANGE", key, "0", str(LOOK - 1)), ("LRANGE", key, str(-LOOK), "-1")]
    return commands
