# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The ACL rules that docs/queues.md gives are enough, each of them is needed, and what is missing is named."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.queue.refusals import RULES
from ansible_collections.bunops.platform.plugins.module_utils.queue.spec import Queue
from ansible_collections.bunops.platform.tests.integration.queue_info.asking import measured, problem
from ansible_collections.bunops.platform.tests.integration.queue_info.servers import Server

PASSWORD = "password-of-the-measurer"
NAMES = {"bullmq": "mails", "list": "mails:list", "stream": "mails:stream"}


@pytest.fixture(scope="module")
def filled(server: Server) -> Server:
    """A Redis with a queue of each type: two waiting jobs, and of BullMQ a delayed one that is due."""
    server("HSET", "bull:mails:meta", "opts.maxLenEvents", "10000")
    server("LPUSH", "bull:mails:wait", "1", "2")
    server("HSET", "bull:mails:1", "timestamp", "1")
    server("ZADD", "bull:mails:delayed", "1", "3")
    server("RPUSH", "mails:list", "a", "b")
    for _ in range(2):
        server("XADD", "mails:stream", "*", "to", "someone")
    server("XGROUP", "CREATE", "mails:stream", "senders", "0")
    return server


def let_in(server: Server, *rules: str) -> dict[str, Any]:
    """The options for a user who may only do that."""
    server("ACL", "SETUSER", "measurer", "reset", "on", f">{PASSWORD}", "-@all", *rules)
    return {"url": server.url, "username": "measurer", "password": PASSWORD}


def options_of(kind: str) -> dict[str, str]:
    return {"name": NAMES[kind], "type": kind, **({"group": "senders"} if kind == "stream" else {})}


@pytest.mark.parametrize("kind", RULES)
class TestRules:
    def test_they_are_enough_and_nothing_else_is_tried(self, kind: str, filled: Server) -> None:
        filled("ACL", "LOG", "RESET")
        user = let_in(filled, *RULES[kind].split(), Queue(NAMES[kind], kind).pattern)
        (depth,) = measured(**user, queues=[options_of(kind)])
        assert (depth["waiting"], depth["due_delayed"]) == (2, 1 if kind == "bullmq" else 0)
        assert filled("ACL", "LOG") == []

    def test_each_is_needed_and_the_error_names_it(self, kind: str, filled: Server) -> None:
        rules = RULES[kind].split()
        for missing in rules:
            user = let_in(filled, *(rule for rule in rules if rule != missing), "~*")
            said = problem(**user, queues=[options_of(kind)])
            name = missing[1:].upper()
            name = "XINFO STREAM, XINFO GROUPS" if name == "XINFO" else name
            expected = f'expected the ACL rules "{RULES[kind]}" of Redis at {filled.ip}:6379'
            assert said == f"queues[0]: the user measurer may not run {name}; {expected}"

    def test_keys_are_named_by_their_pattern(self, kind: str, filled: Server) -> None:
        user = let_in(filled, *RULES[kind].split(), "~other:*")
        said = problem(**user, queues=[options_of(kind)])
        pattern = Queue(NAMES[kind], kind).pattern
        assert said.startswith("queues[0]: the user measurer may not read the keys of ")
        assert f'expected the ACL rule "{pattern}"' in said
        assert "\n" not in said


def test_what_a_wrong_key_is_takes_type(filled: Server) -> None:
    rules = (*RULES["list"].split(), "~*")
    queues = [{"name": NAMES["stream"], "type": "list"}]
    said = problem(**let_in(filled, *rules), queues=queues)
    assert said == "queues[0]: the key mails:stream is no list; expected one for type list"
    said = problem(**let_in(filled, *rules, "+type"), queues=queues)
    assert said == "queues[0]: the key mails:stream is a stream; expected a list for type list"


def test_another_database_takes_select(filled: Server) -> None:
    queues = [options_of("list")]
    user = {**let_in(filled, *RULES["list"].split(), "~*"), "url": f"{filled.url}/3"}
    said = problem(**user, queues=queues)
    assert said.startswith(f"url: Redis at {filled.ip}:6379 refuses database 3: NOPERM")
    assert said.endswith('expected one that is there, and the ACL rule "+select"')
    user = {**let_in(filled, *RULES["list"].split(), "+select", "~*"), "url": f"{filled.url}/3"}
    assert measured(**user, queues=queues)[0]["exists"] is False
    assert measured(**{**user, "url": filled.url}, queues=queues)[0]["waiting"] == 2


def test_a_database_that_is_not_there(filled: Server) -> None:
    said = problem(url=f"{filled.url}/99", queues=[options_of("list")])
    assert said.startswith(f"url: Redis at {filled.ip}:6379 refuses database 99: ")
    assert "out of range" in said
