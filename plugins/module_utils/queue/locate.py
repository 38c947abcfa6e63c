# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Where the queues are: one Redis, the one that Sentinel names, or the servers of a cluster."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import Any, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.queue import trouble
from ansible_collections.bunops.platform.plugins.module_utils.queue.addresses import Address
from ansible_collections.bunops.platform.plugins.module_utils.queue.answers import (
    Ask,
    OddAnswer,
    Refused,
    items,
    text,
    whole,
)
from ansible_collections.bunops.platform.plugins.module_utils.queue.cluster import Cluster, ask_in_one
from ansible_collections.bunops.platform.plugins.module_utils.queue.connection import Access, Link
from ansible_collections.bunops.platform.plugins.module_utils.queue.errors import QueueError
from ansible_collections.bunops.platform.plugins.module_utils.queue.refusals import Who, is_unknown
from ansible_collections.bunops.platform.plugins.module_utils.queue.spec import Sentinel, Wanted
from ansible_collections.bunops.platform.plugins.module_utils.queue.trouble import Server

_MASTER = "GET-MASTER-ADDR-BY-NAME"


def open_redis(wanted: Wanted, stack: ExitStack) -> Tuple[Ask, Who]:
    """What to ask with, until the stack is left, and how messages call who is asked. Raises QueueError, ImportError."""
    access = Access(wanted.login, wanted.tls, wanted.database, wanted.timeout)
    server = Server(trouble.REDIS, master_of(wanted.at, wanted) if isinstance(wanted.at, Sentinel) else wanted.at)
    user = f"the user {wanted.login.username or 'default'}"
    if wanted.cluster:
        cluster = stack.enter_context(Cluster(server, access))
        return cluster.ask, Who(user, f"the cluster of {server}", cluster=True)
    link = stack.enter_context(Link(server, access))
    return partial(ask_in_one, link), Who(user, str(server))


def master_of(sentinel: Sentinel, wanted: Wanted) -> Address:
    """Where the service's Redis is, by the first Sentinel that knows. Raises QueueError with what each one says."""
    problems = []
    for address in sentinel.addresses:
        server = Server(trouble.SENTINEL, address)
        try:
            with Link(server, Access(sentinel.login, wanted.tls, 0, wanted.timeout)) as link:
                return _master(link.ask([("SENTINEL", _MASTER, sentinel.service)])[0], server, sentinel)
        except QueueError as problem:
            problems.append(str(problem))
    raise QueueError("\n".join(problems))


def _master(answer: Any, server: Server, sentinel: Sentinel) -> Address:
    """The address in an answer, a list of host and port. Raises QueueError."""
    if answer is None:
        raise QueueError(
            f"sentinel.service: {server} knows no service {sentinel.service}; expected one that it watches"
        )
    if isinstance(answer, Refused):
        if answer.code == "NOPERM":
            user = f"the user {sentinel.login.username or 'default'}"
            rule = f"+sentinel|{_MASTER.lower()}"
            raise QueueError(
                f'sentinel.username: {user} may not run SENTINEL {_MASTER}; expected the ACL rule "{rule}"'
            )
        found = "is no Sentinel" if is_unknown(answer) else f"refuses to tell: {answer.text.rstrip('.')}"
        raise QueueError(f"sentinel.addresses: {server} {found}; expected a Sentinel that tells where a service is")
    try:
        host, port = items(answer)
        return Address(text(host), whole(port))
    except (OddAnswer, ValueError):
        raise QueueError(f"sentinel.addresses: {server} answers oddly; expected the address of a Redis") from None
