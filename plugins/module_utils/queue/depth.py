# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is in a queue; the queue meter (docker/queue-meter) gives the same."""

from __future__ import annotations

from typing import Any, Generator, NamedTuple, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.queue.answers import Command


class Depth(NamedTuple):
    """Counts of jobs; `_asdict()` is what the module returns of a queue. Ages are in seconds."""

    # Whether Redis has anything of the queue; without, every number is 0.
    exists: bool
    # Jobs that a worker can take now, or could if the queue were not paused.
    waiting: int = 0
    prioritized: int = 0
    # All jobs that wait for their time, those whose time has come too.
    delayed: int = 0
    # The part of `delayed` whose time has come, and which only a worker moves to `waiting`.
    due_delayed: int = 0
    active: int = 0
    paused: bool = False
    failed: int = 0
    # How long the oldest job of each state has been there, by the clock of Redis; None if there is none, or if the
    # queue does not tell. Of waiting and of prioritized jobs that is the next one.
    oldest_waiting_seconds: Optional[float] = None
    oldest_prioritized_seconds: Optional[float] = None
    # How long a worker could have moved on the delayed job that is due first; 0 while none is due.
    oldest_delayed_seconds: Optional[float] = None
    # How long the job that was taken first has been worked on.
    oldest_active_seconds: Optional[float] = None
    # Jobs that call for replicas now.
    demand: int = 0


MISSING = Depth(exists=False)

# How a queue is measured: yields the commands of a round, is sent their answers, returns the depth.
Steps = Generator[Sequence[Command], Sequence[Any], Depth]


def depth_of(**counts: Any) -> Depth:
    """The depth of a queue that is there, from all but `exists` and `demand`; what is not named is 0."""
    depth = Depth(exists=True, **counts)
    # A paused queue starts no job, so only what runs already needs its replicas.
    startable = 0 if depth.paused else depth.waiting + depth.prioritized + depth.due_delayed
    return depth._replace(demand=startable + depth.active)


def age_seconds(now: int, since: int) -> float:
    """Seconds between two moments in milliseconds; one ahead of Redis's clock counts as now."""
    return max(0, now - since) / 1000
