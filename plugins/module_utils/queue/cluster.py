# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The servers of a Redis Cluster: each is asked about the queues whose keys it has.

https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, Dict, List, NamedTuple, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.queue.addresses import Address
from ansible_collections.bunops.platform.plugins.module_utils.queue.answers import (
    Batch,
    OddAnswer,
    Refused,
    items,
    text,
    whole,
)
from ansible_collections.bunops.platform.plugins.module_utils.queue.connection import Access, Link
from ansible_collections.bunops.platform.plugins.module_utils.queue.errors import QueueError
from ansible_collections.bunops.platform.plugins.module_utils.queue.slots import slot_of
from ansible_collections.bunops.platform.plugins.module_utils.queue.trouble import Server


class Range(NamedTuple):
    """Slots from first to last, both counted, and who has them."""

    first: int
    last: int
    address: Address


def ask_in_one(link: Link, batches: Sequence[Batch]) -> List[List[Any]]:
    """One pipeline for all batches. Raises QueueError."""
    answers = iter(link.ask([command for batch in batches for command in batch.commands]))
    return [[next(answers) for _ in batch.commands] for batch in batches]


class Cluster:
    """A connection to each server that has a queue, made when it is asked first."""

    def __init__(self, seed: Server, access: Access) -> None:
        """seed: any server of the cluster. Raises QueueError."""
        self._seed, self._access = seed, access
        self._stack = ExitStack()
        self._links: Dict[Address, Link] = {}
        self._ranges: List[Range] = []

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def ask(self, batches: Sequence[Batch]) -> List[List[Any]]:
        """A pipeline for each server. Raises QueueError."""
        if not self._ranges:
            self._ranges = self._read_ranges()
        answers = self._ask_servers(batches)
        if any(isinstance(each, Refused) and each.code == "MOVED" for batch in answers for each in batch):
            # Slots have moved, or a replica has become the master, since they were read.
            self._ranges = self._read_ranges()
            answers = self._ask_servers(batches)
        return answers

    def _ask_servers(self, batches: Sequence[Batch]) -> List[List[Any]]:
        homes: Dict[Address, List[int]] = {}
        for index, batch in enumerate(batches):
            homes.setdefault(self._home(batch.key), []).append(index)
        answers: Dict[int, List[Any]] = {}
        for address, indexes in homes.items():
            given = ask_in_one(self._link(address), [batches[index] for index in indexes])
            answers.update(zip(indexes, given))
        return [answers[index] for index in range(len(batches))]

    def _home(self, key: str) -> Address:
        slot = slot_of(key)
        for each in self._ranges:
            if each.first <= slot <= each.last:
                return each.address
        raise QueueError(f"cluster: nobody in the cluster of {self._seed} has slot {slot}, of {key}; expected a server")

    def _link(self, address: Address) -> Link:
        if address not in self._links:
            link = Link(self._seed._replace(address=address), self._access)
            self._links[address] = self._stack.enter_context(link)
        return self._links[address]

    def _read_ranges(self) -> List[Range]:
        answer = self._link(self._seed.address).ask([("CLUSTER", "SLOTS")])[0]
        if isinstance(answer, Refused):
            raise QueueError(self._refusal(answer))
        try:
            return ranges_of(answer, self._seed.address)
        except (OddAnswer, IndexError, ValueError):
            raise QueueError(f"cluster: {self._seed} answers CLUSTER SLOTS oddly; expected slots and servers") from None

    def _refusal(self, refused: Refused) -> str:
        if refused.code == "NOPERM":
            user = self._access.login.username or "default"
            return f'cluster: the user {user} may not run CLUSTER SLOTS; expected the ACL rule "+cluster|slots"'
        return f"cluster: true, but {self._seed} is part of none: {refused.text}; expected false"


def ranges_of(answer: Any, seed: Address) -> List[Range]:
    """What CLUSTER SLOTS answers. seed: who answered; a server that does not know its own host leaves it out.

    Raises OddAnswer, IndexError, ValueError.
    """
    ranges = []
    for entry in items(answer):
        first, last, master = items(entry)[:3]
        host, port = items(master)[:2]
        ranges.append(Range(whole(first), whole(last), Address(text(host) if host else seed.host, whole(port))))
    return ranges
