# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Measures queues side by side, with at most two pipelines for all of them. Pure, apart from what `ask` does."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.queue import bullmq, simple
from ansible_collections.bunops.platform.plugins.module_utils.queue.answers import (
    Ask,
    Batch,
    Command,
    OddAnswer,
    Refusal,
)
from ansible_collections.bunops.platform.plugins.module_utils.queue.depth import Depth, Steps
from ansible_collections.bunops.platform.plugins.module_utils.queue.errors import QueueError
from ansible_collections.bunops.platform.plugins.module_utils.queue.refusals import Who, refusals
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
    problems: List[str] = []
    wanted: Dict[int, Sequence[Command]] = {index: next(step) for index, step in enumerate(steps)}
    while wanted:
        answers = ask([Batch(queues[index].key, commands) for index, commands in wanted.items()])
        given: Dict[int, Sequence[Any]] = dict(zip(wanted, answers))
        wanted = {}
        for index, batch in given.items():
            path = f"queues[{index}]"
            try:
                wanted[index] = steps[index].send(batch)
            except StopIteration as end:
                found[index] = end.value
            except Refusal as refusal:
                problems += refusals(path, queues[index], refusal.refused, who)
            except OddAnswer as odd:
                problems.append(f"{path}: {queues[index].shown} has what {queues[index].type} never has: {odd}")
    if problems:
        # What is wrong with the server is the same for all of them.
        raise QueueError("\n".join(dict.fromkeys(problems)))
    return [found[index] for index in range(len(queues))]
