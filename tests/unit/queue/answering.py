# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Answers of a Redis, by command, and what was asked for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.queue.answers import Batch, Command, Refused
from ansible_collections.bunops.platform.plugins.module_utils.queue.bullmq import KEYS
from ansible_collections.bunops.platform.plugins.module_utils.queue.depth import Depth
from ansible_collections.bunops.platform.plugins.module_utils.queue.measure import measure
from ansible_collections.bunops.platform.plugins.module_utils.queue.refusals import Who
from ansible_collections.bunops.platform.plugins.module_utils.queue.spec import Queue

NOW = 1_800_000_000_123
TIME = [b"1800000000", b"123456"]
EXISTS = "EXISTS " + " ".join(f"bull:fetch:{key}" for key in KEYS)
WHO = Who("the user observer", "Redis at redis:6379")
# What a queue of BullMQ that is there and empty answers.
EMPTY: dict[str, Any] = {
    "TIME": TIME,
    EXISTS: 2,
    "HGET bull:fetch:meta paused": None,
    "LLEN bull:fetch:active": 0,
    "LRANGE bull:fetch:active -2 -1": [],
    "ZCARD bull:fetch:prioritized": 0,
    "ZRANGE bull:fetch:prioritized 0 0": [],
    "ZCARD bull:fetch:delayed": 0,
    "ZRANGE bull:fetch:delayed 0 0 WITHSCORES": [],
    "ZCARD bull:fetch:failed": 0,
    "LLEN bull:fetch:wait": 0,
    "LRANGE bull:fetch:wait 0 9": [],
    "LRANGE bull:fetch:wait -10 -1": [],
    "LLEN bull:fetch:paused": 0,
    "LRANGE bull:fetch:paused 0 9": [],
    "LRANGE bull:fetch:paused -10 -1": [],
    f"ZCOUNT bull:fetch:delayed -inf {(NOW + 1) * 4096 - 1}": 0,
}


class Answers:
    """Answers by command; a text is a refusal."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self._answers = answers
        self.rounds: list[list[Command]] = []

    def ask(self, batches: Sequence[Batch]) -> list[list[Any]]:
        self.rounds.append([command for batch in batches for command in batch.commands])
        return [[self._answer(command) for command in batch.commands] for batch in batches]

    def _answer(self, command: Command) -> Any:
        answer = self._answers[" ".join(command)]
        return Refused(command, answer) if isinstance(answer, str) else answer


def depth(queue: Queue, answers: Mapping[str, Any]) -> Depth:
    (found,) = measure([queue], Answers(answers).ask, WHO)
    return found
