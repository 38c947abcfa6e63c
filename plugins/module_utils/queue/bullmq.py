# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Measures a queue of BullMQ 4 to 6. Pure: what is to be asked goes out, the answers come in.

Keys are `<prefix>:<name>:<state>`:

- wait, active: lists; paused: a list too, in which versions 4 and 5 keep the waiting jobs of a paused queue
- prioritized, delayed, failed, completed: sorted sets; scores of delayed are milliseconds * 4096 + a counter
- meta: a hash, with the field `paused` while the queue is paused
- a job's id: a hash, with `timestamp`, when it was added, and `processedOn`, when a worker took it last, in
  milliseconds, and `opts`, JSON, in which `delay` is for how many milliseconds it was not to be taken

https://docs.bullmq.io
"""

from __future__ import annotations

import json
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.queue.answers import (
    Command,
    all_done,
    items,
    milliseconds,
    score,
    text,
    whole,
)
from ansible_collections.bunops.platform.plugins.module_utils.queue.depth import MISSING, Steps, age_seconds, depth_of

# Any of them shows that there is a queue. Workers alone leave other keys, such as stalled-check.
KEYS = ("meta", "id", "wait", "paused", "active", "prioritized", "delayed", "failed", "completed")
# How many entries of a list are looked at from each end.
LOOK = 10
# How much a millisecond is in the scores of delayed.
PER_MILLISECOND = 4096


class Waiting(NamedTuple):
    """One list of waiting jobs: how many, and the id of the job that is next."""

    jobs: int
    next: Optional[str]


class Oldest(NamedTuple):
    """The oldest job of a state, and the fields of its hash that tell since when it has been there."""

    state: str
    job: str
    fields: Tuple[str, ...] = ("timestamp", "opts", "processedOn")


def measure(prefix: str, name: str) -> Steps:
    """Two rounds. Raises Refusal.

    The second one asks what is due, for which the first one brought the time, and since when the oldest jobs have been
    there, for which it brought their ids.
    """
    begin = f"{prefix}:{name}:"
    answers = all_done((yield _first_round(begin)))
    time, found, paused, active, taken, prioritized, foremost, delayed, due_first, failed, *lists = answers
    if whole(found) == 0:
        return MISSING
    now = milliseconds(time)
    waiting = [waiting_in(whole(lists[at]), items(lists[at + 1]), items(lists[at + 2])) for at in (0, 3)]
    oldest = [Oldest("waiting", each.next) for each in waiting if each.next is not None]
    oldest += [Oldest("prioritized", text(job)) for job in items(foremost)]
    oldest += [Oldest("active", job, ("processedOn",)) for job in _jobs_of(items(taken))[-1:]]
    asked: List[Command] = [("HGET", begin + each.job, field) for each in oldest for field in each.fields]
    due, *told = all_done((yield [("ZCOUNT", f"{begin}delayed", "-inf", last_due_score(now)), *asked]))
    ages = _ages(now, oldest, told)
    return depth_of(
        waiting=sum(each.jobs for each in waiting),
        prioritized=whole(prioritized),
        delayed=whole(delayed),
        due_delayed=whole(due),
        active=whole(active),
        paused=paused is not None,
        failed=whole(failed),
        oldest_waiting_seconds=ages.get("waiting"),
        oldest_prioritized_seconds=ages.get("prioritized"),
        oldest_delayed_seconds=_overdue_seconds(now, items(due_first)),
        oldest_active_seconds=ages.get("active"),
    )


def waiting_in(length: int, head: Sequence[bytes], tail: Sequence[bytes]) -> Waiting:
    """head, tail: the first and the last `LOOK` entries, which in a short list are the same ones; the last is next."""
    # A marker comes only into an empty list, so there is one at the most. Jobs come before it, and those that are to
    # be next (LIFO, stalled, of a flow, held back by a rate limit) behind it.
    marked = any(_is_marker(entry) for entry in (*head, *tail))
    jobs = _jobs_of(tail)
    return Waiting(max(0, length - int(marked)), jobs[-1] if jobs else None)


def last_due_score(now: int) -> str:
    """The last score that is due at a time in milliseconds; the millisecond that has begun is due as a whole."""
    return str((now + 1) * PER_MILLISECOND - 1)


def _overdue_seconds(now: int, first: Sequence[Any]) -> Optional[float]:
    """How long the job that is due first has been so; None without any. first: its id and score, if there is one."""
    return age_seconds(now, int(score(first[1]) / PER_MILLISECOND)) if first else None


def _since_when(told: Dict[str, Any]) -> Optional[int]:
    """Milliseconds at which a job could be taken, or was taken; None if it is gone. told: fields of its hash.

    One that was taken before, and waits again, waits since then: nothing tells when it came back.
    """
    moments = [whole(told["processedOn"])] if told["processedOn"] is not None else []
    if told.get("timestamp") is not None:
        moments.append(whole(told["timestamp"]) + _delay_in(told["opts"]))
    return max(moments, default=None)


def _delay_in(options: Optional[bytes]) -> int:
    """Milliseconds; 0 also where options are none of BullMQ's, for a queue is measured whatever one job says."""
    try:
        delay = json.loads(options or b"{}")["delay"]
        return max(0, int(delay)) if isinstance(delay, (int, float)) else 0
    except (LookupError, TypeError, ValueError, OverflowError):
        return 0


def _ages(now: int, oldest: Sequence[Oldest], told: Sequence[Any]) -> Dict[str, float]:
    """Seconds by state, of the jobs that are still there. told: what their fields hold, one after the other."""
    answers = iter(told)
    ages: Dict[str, float] = {}
    for each in oldest:
        since = _since_when({field: next(answers) for field in each.fields})
        if since is not None:
            # Two lists of waiting jobs have one each.
            ages[each.state] = max(ages.get(each.state, 0.0), age_seconds(now, since))
    return ages


def _jobs_of(entries: Sequence[bytes]) -> List[str]:
    return [text(entry) for entry in entries if not _is_marker(entry)]


def _is_marker(entry: bytes) -> bool:
    """Version 4 leaves `0:<milliseconds>` in the lists to wake workers."""
    return entry.startswith(b"0:")


def _first_round(begin: str) -> List[Command]:
    commands: List[Command] = [
        ("TIME",),
        ("EXISTS", *(begin + state for state in KEYS)),
        ("HGET", f"{begin}meta", "paused"),
        ("LLEN", f"{begin}active"),
        # What was taken first is last; that, or what is before it, may be a marker.
        ("LRANGE", f"{begin}active", "-2", "-1"),
        ("ZCARD", f"{begin}prioritized"),
        ("ZRANGE", f"{begin}prioritized", "0", "0"),
        ("ZCARD", f"{begin}delayed"),
        ("ZRANGE", f"{begin}delayed", "0", "0", "WITHSCORES"),
        ("ZCARD", f"{begin}failed"),
    ]
    for state in ("wait", "paused"):
        key = begin + state
        commands += [("LLEN", key), ("LRANGE", key, "0", str(LOOK - 1)), ("LRANGE", key, str(-LOOK), "-1")]
    return commands
