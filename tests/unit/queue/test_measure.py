# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Several queues side by side, and what Redis refuses."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.queue.errors import QueueError
from ansible_collections.bunops.platform.plugins.module_utils.queue.measure import measure
from ansible_collections.bunops.platform.plugins.module_utils.queue.spec import Queue
from ansible_collections.bunops.platform.tests.unit.queue.answering import EMPTY, TIME, WHO, Answers

TODO = {"EXISTS todo": 1, "LLEN todo": 4}
EXPECTED = {
    "bullmq": "+time +exists +hget +llen +lrange +zcard +zcount +zrange",
    "list": "+exists +llen",
}


def problems(answers: dict[str, Any], *queues: Queue) -> list[str]:
    with pytest.raises(QueueError) as caught:
        measure(queues, Answers(answers).ask, WHO)
    return str(caught.value).splitlines()


def test_two_rounds_for_all_and_the_order_stays() -> None:
    redis = Answers({**EMPTY, **TODO})
    queues = [Queue("todo", "list"), Queue("fetch"), Queue("todo", "list"), Queue("fetch")]
    found = measure(queues, redis.ask, WHO)
    assert [each.waiting for each in found] == [4, 0, 4, 0]
    assert [len(commands) for commands in redis.rounds] == [36, 2]


def test_one_round_is_enough_for_lists() -> None:
    redis = Answers(TODO)
    measure([Queue("todo", "list")], redis.ask, WHO)
    assert len(redis.rounds) == 1


def test_nothing_is_written_run_or_walked_through() -> None:
    redis = Answers(EMPTY)
    measure([Queue("fetch")], redis.ask, WHO)
    names = {command[0] for commands in redis.rounds for command in commands}
    assert names == {"EXISTS", "HGET", "LLEN", "LRANGE", "TIME", "ZCARD", "ZCOUNT", "ZRANGE"}


@pytest.mark.parametrize(
    "text",
    [
        # Redis 6, and 7 and newer.
        "NOPERM this user has no permissions to run the 'llen' command or its subcommand",
        "NOPERM User observer has no permissions to run the 'llen' command",
    ],
)
def test_refused_commands(text: str) -> None:
    said = problems({**TODO, "LLEN todo": text, "EXISTS todo": text}, Queue("todo", "list"))
    rules = f'expected the ACL rules "{EXPECTED["list"]}" of Redis at redis:6379'
    assert said == [f"queues[0]: the user observer may not run EXISTS, LLEN; {rules}"]


@pytest.mark.parametrize(
    "text",
    [
        "NOPERM this user has no permissions to access one of the keys used as arguments",
        "NOPERM No permissions to access a key",
    ],
)
def test_refused_keys(text: str) -> None:
    answers = {command: answer if command == "TIME" else text for command, answer in EMPTY.items()}
    rule = 'expected the ACL rule "~bull:fetch:*" of Redis at redis:6379'
    assert problems(answers, Queue("fetch")) == [
        f"queues[0]: the user observer may not read the keys of the queue fetch; {rule}"
    ]


def test_a_refusal_in_the_second_round() -> None:
    last = next(command for command in EMPTY if command.startswith("ZCOUNT"))
    said = problems({**EMPTY, last: "NOPERM User x has no permissions to run the 'zcount' command"}, Queue("fetch"))
    assert len(said) == 1
    assert "may not run ZCOUNT" in said[0] and EXPECTED["bullmq"] in said[0]


def test_what_is_wrong_with_the_server_is_told_once() -> None:
    away = "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."
    said = problems({"EXISTS todo": away, "LLEN todo": away}, Queue("todo", "list"))
    assert said == [f"queues[0]: Redis at redis:6379 refuses to tell of the list todo: {away[:-1]}; expected an answer"]
    moved = {"EXISTS todo": "MOVED 1 redis-2:6379", "LLEN todo": "MOVED 1 redis-2:6379"}
    said = problems(moved, Queue("todo", "list"), Queue("todo", "list"))
    assert said == ["cluster: false, but Redis at redis:6379 is part of a cluster; expected true"]


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (b"string", "is a string; expected a list for type list"),
        (b"zset", "is a sorted set; expected a list for type list"),
        # Removed or replaced since, and a user who may not ask.
        (b"none", "is no list; expected one for type list"),
        (b"list", "is no list; expected one for type list"),
        ("NOPERM User observer has no permissions to run the 'type' command", "is no list; expected one for type list"),
    ],
)
def test_keys_of_another_type(told: bytes | str, sentence: str) -> None:
    wrong = "WRONGTYPE Operation against a key holding the wrong kind of value"
    redis = Answers({**EMPTY, "EXISTS todo": 1, "LLEN todo": wrong, "TYPE todo": told})
    with pytest.raises(QueueError) as caught:
        measure([Queue("fetch"), Queue("todo", "list")], redis.ask, WHO)
    assert str(caught.value) == f"queues[1]: the key todo {sentence}"
    # Asked once, after all else.
    assert redis.rounds[-1] == [("TYPE", "todo")] and len(redis.rounds) == 3


def test_odd_answers() -> None:
    said = problems({**EMPTY, "ZCARD bull:fetch:failed": b"many", **TODO}, Queue("todo", "list"), Queue("fetch"))
    assert said == ["queues[1]: the queue fetch has what bullmq never has: a whole number was expected, not bytes"]
    said = problems({"TIME": TIME, **TODO, "EXISTS todo": []}, Queue("todo", "list"))
    assert said == ["queues[0]: the list todo has what list never has: a whole number was expected, not list"]
