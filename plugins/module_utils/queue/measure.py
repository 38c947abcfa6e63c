# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Measures queues side by side, with at most two pipelines for all of them. Pure, apart from what `ask` does.

A third one, where a key is of another type than it should be, asks which.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.queue import bullmq, simple
from ansible_collections.bunops.platform.plugins.module_utils.queue.answers import (
    Ask,
    Batch,
    Command,
    OddAnswer,
    Refusal,
    Refused,
    text,
)
from ansible_collections.bunops.platform.plugins.module_utils.queue.depth import Depth, Steps
from ansible_collections.bunops.platform.plugins.module_utils.queue.errors import QueueError
from ansible_collections.bunops.platform.plugins.module_utils.queue.refusals import Who, odd_keys, refusals
from ansible_collections.bunops.platform.plugins.module_utils.queue.spec import Queue


def steps_of(queue: Queue) -> Steps:
    """How a queue of its type is measured."""
    if queue.type == "bullmq":
        return bullmq.measure(queue.prefix, queue.name)
    return simple.measure_list(queue.name) if queue.type == "list" else simple.measure_stream(queue.name, queue.group)


def measure(queues: Sequence[Queue], ask: Ask, who: Who) -> List[Depth]:
    """The depths, in the order of the queues. who: asks, for messages. Raises QueueError for all that is wrong."""
    steps = [steps_of(queue) for queue in queues]
    found: Dict[int, Depth] = {}
    refused: Dict[int, Sequence[Refused]] = {}
    problems: List[str] = []
    wanted: Dict[int, Sequence[Command]] = {index: next(step) for index, step in enumerate(steps)}
    while wanted:
        answers = ask([Batch(queues[index].key, commands) for index, commands in wanted.items()])
        given: Dict[int, Sequence[Any]] = dict(zip(wanted, answers))
        wanted = {}
        for index, batch in given.items():
            try:
                wanted[index] = steps[index].send(batch)
            except StopIteration as end:
                found[index] = end.value
            except Refusal as refusal:
                refused[index] = refusal.refused
            except OddAnswer as odd:
                problems.append(
                    f"queues[{index}]: {queues[index].shown} has what {queues[index].type} never has: {odd}"
                )
    problems += _refusals(queues, refused, ask, who)
    if problems:
        # What is wrong with the server is the same for all of them.
        raise QueueError("\n".join(dict.fromkeys(problems)))
    return [found[index] for index in range(len(queues))]


def _refusals(queues: Sequence[Queue], refused: Mapping[int, Sequence[Refused]], ask: Ask, who: Who) -> Iterator[str]:
    keys = odd_keys(each for some in refused.values() for each in some)
    answers = ask([Batch(key, [("TYPE", key)]) for key in keys]) if keys else []
    # A user who may not ask for types gets none.
    types = {key: text(kind) for key, (kind,) in zip(keys, answers) if not isinstance(kind, Refused)}
    for index, some in refused.items():
        yield from refusals(f"queues[{index}]", queues[index], some, who, types)
