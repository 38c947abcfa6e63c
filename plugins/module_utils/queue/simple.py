# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Measures queues that are one Redis key: a list, or a stream with or without a consumer group. Pure."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from ansible_collections.bunops.platform.plugins.module_utils.queue.answers import (
    all_done,
    fields,
    items,
    milliseconds,
    text,
    whole,
)
from ansible_collections.bunops.platform.plugins.module_utils.queue.depth import MISSING, Steps, age_seconds, depth_of


def measure_list(key: str) -> Steps:
    """A list tells how long it is and nothing else. Raises Refusal."""
    found, length = all_done((yield [("EXISTS", key), ("LLEN", key)]))
    return MISSING if whole(found) == 0 else depth_of(waiting=whole(length))


def measure_stream(key: str, group: Optional[str]) -> Steps:
    """Of a group: what was not delivered to it yet waits, what it has not acknowledged is active. Raises Refusal.

    Without a group every entry waits. A group that the stream does not have is a queue that is not there.
    """
    answers = yield [("TIME",), ("EXISTS", key), ("XINFO", "STREAM", key), ("XINFO", "GROUPS", key)]
    time, found = all_done(answers[:2])
    # XINFO calls a key that is not there an error.
    if whole(found) == 0:
        return MISSING
    about, groups = all_done(answers[2:])
    stream = fields(about)
    length = whole(stream.get("length"))
    first = _first_age(milliseconds(time), stream.get("first-entry"))
    if group is None:
        return depth_of(waiting=length, oldest_waiting_seconds=first)
    own = next((each for each in map(fields, items(groups)) if text(each.get("name")) == group), None)
    if own is None:
        return MISSING
    waiting = lag(own, stream, length)
    # The first entry that waits is known only if it is the first of all, for which the lag itself has to be known.
    oldest = first if own.get("lag") is not None and waiting == length else None
    return depth_of(waiting=waiting, active=whole(own.get("pending")), oldest_waiting_seconds=oldest)


def lag(group: Mapping[str, Any], stream: Mapping[str, Any], length: int) -> int:
    """After entries were deleted Redis does not know it; then it is 0 at the end, and else at the most the length."""
    known = group.get("lag")
    if known is not None:
        return whole(known)
    return 0 if group.get("last-delivered-id") == stream.get("last-generated-id") else length


def _first_age(now: int, entry: Any) -> Optional[float]:
    """Age of an entry, whose id starts with the milliseconds of its birth; None if there is none."""
    if entry is None:
        return None
    return age_seconds(now, whole(items(entry)[0].partition(b"-")[0]))
