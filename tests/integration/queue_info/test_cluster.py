# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A Redis Cluster of three servers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.queue import trouble
from ansible_collections.bunops.platform.plugins.module_utils.queue.addresses import Address
from ansible_collections.bunops.platform.plugins.module_utils.queue.answers import Batch
from ansible_collections.bunops.platform.plugins.module_utils.queue.cluster import Cluster
from ansible_collections.bunops.platform.plugins.module_utils.queue.connection import Access
from ansible_collections.bunops.platform.plugins.module_utils.queue.refusals import RULES
from ansible_collections.bunops.platform.plugins.module_utils.queue.slots import slot_of
from ansible_collections.bunops.platform.plugins.module_utils.queue.spec import Login
from ansible_collections.bunops.platform.tests.integration.queue_info.asking import measured, problem
from ansible_collections.bunops.platform.tests.integration.queue_info.servers import Network, Server
from ansible_collections.bunops.platform.tests.integration.queue_meter.waiting import eventually

PASSWORD = "password-of-the-measurer"
RULE = "+cluster|slots"
# Some list on each of the servers.
LISTS = [{"name": f"todo{number}", "type": "list"} for number in range(12)]


class Nodes:
    """The cluster's servers, and what is done with them."""

    def __init__(self, servers: list[Server]) -> None:
        self.servers = servers

    @property
    def url(self) -> str:
        return self.servers[0].url

    def owner(self, key: str) -> Server:
        for first, last, (host, _port, *_), *_replicas in self.servers[0]("CLUSTER", "SLOTS"):
            if first <= slot_of(key) <= last:
                return next(server for server in self.servers if server.ip == host)
        raise AssertionError(f"nobody has {key}")

    def __call__(self, command: str, key: str, *words: str) -> object:
        """A command about a key."""
        return self.owner(key)(command, key, *words)

    def ids(self) -> dict[str, str]:
        """Their identities, by address."""
        return {server.ip: str(server("CLUSTER", "MYID")) for server in self.servers}


@pytest.fixture(scope="module")
def nodes(servers: Network) -> Nodes:
    options = ["--cluster-enabled", "yes", "--cluster-node-timeout", "5000"]
    started = [servers.start(f"node{number}", *options) for number in range(3)]
    addresses = [f"{server.ip}:6379" for server in started]
    started[0].cli("--cluster", "create", *addresses, "--cluster-yes")
    for server in started:
        eventually(partial(_is_ready, server), "the cluster is ready")
        rules = ["~*", "-@all", *RULES["bullmq"].split(), *RULES["stream"].split()]
        server("ACL", "SETUSER", "measurer", "on", f">{PASSWORD}", *rules, RULE)
    return Nodes(started)


def _is_ready(server: Server) -> bool:
    return "cluster_state:ok" in server.cli("CLUSTER", "INFO")


def test_each_queue_is_measured_where_it_is(nodes: Nodes) -> None:
    for number, queue in enumerate(LISTS):
        nodes("RPUSH", queue["name"], *(["job"] * (number + 1)))
    assert {nodes.owner(queue["name"]).ip for queue in LISTS} == {server.ip for server in nodes.servers}
    for server in nodes.servers:
        server("ACL", "LOG", "RESET")
    user = {"username": "measurer", "password": PASSWORD}
    for server in nodes.servers:
        found = measured(url=server.url, cluster=True, **user, queues=LISTS)
        assert [each["waiting"] for each in found] == list(range(1, 13))
    assert [server("ACL", "LOG") for server in nodes.servers] == [[], [], []]


def test_a_queue_of_bullmq_and_a_stream(nodes: Nodes) -> None:
    nodes("LPUSH", "{bull}:fetch:wait", "1", "2")
    nodes("ZADD", "{bull}:fetch:delayed", "1", "3")
    nodes("XADD", "mails", "*", "to", "someone")
    queues = [{"name": "fetch", "prefix": "{bull}"}, {"name": "mails", "type": "stream"}]
    user = {"username": "measurer", "password": PASSWORD}
    fetch, mails = measured(url=nodes.url, cluster=True, **user, queues=queues)
    assert (fetch["waiting"], fetch["due_delayed"], fetch["demand"]) == (2, 1, 3)
    assert mails["waiting"] == 1


def test_without_braces_no_queue_of_bullmq_can_be(nodes: Nodes) -> None:
    said = problem(url=nodes.url, cluster=True, queues=[{"name": "fetch"}])
    begin = "queues[0].prefix: bull spreads the queue's keys over a cluster, where BullMQ does not work; "
    assert said == f"{begin}expected a prefix in braces, such as {{bull}}"


def test_a_user_who_may_not_ask_for_slots(nodes: Nodes) -> None:
    nodes.servers[0]("ACL", "SETUSER", "stranger", "on", f">{PASSWORD}", "~*", "-@all", *RULES["list"].split())
    said = problem(url=nodes.url, cluster=True, username="stranger", password=PASSWORD, queues=LISTS)
    assert said == f'cluster: the user stranger may not run CLUSTER SLOTS; expected the ACL rule "{RULE}"'


def test_a_cluster_that_nobody_said_to_be_one(nodes: Nodes) -> None:
    said = problem(url=nodes.url, queues=LISTS)
    address = f"{nodes.servers[0].ip}:6379"
    assert said == f"cluster: false, but Redis at {address} is part of a cluster; expected true"


def test_a_redis_that_is_in_no_cluster(server: Server) -> None:
    said = problem(url=server.url, cluster=True, queues=LISTS)
    begin = f"cluster: true, but Redis at {server.ip}:6379 is part of none: "
    assert said == f"{begin}This instance has cluster support disabled; expected false"


@contextmanager
def _moving(nodes: Nodes, key: str, target: Server) -> Iterator[None]:
    """The slot of a key is on its way to a server, and goes back to where it was."""
    source, ids, slot = nodes.owner(key), nodes.ids(), str(slot_of(key))
    target("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[source.ip])
    source("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[target.ip])
    yield
    for server in (target, source):
        server("CLUSTER", "SETSLOT", slot, "STABLE")


def _others(nodes: Nodes, key: str) -> Server:
    return next(server for server in nodes.servers if server.ip != nodes.owner(key).ip)


def test_a_slot_that_is_on_its_way(nodes: Nodes) -> None:
    with _moving(nodes, "away", _others(nodes, "away")):
        said = problem(url=nodes.url, cluster=True, queues=[{"name": "away", "type": "list"}])
    begin = "queues[0]: the cluster is just moving the list away to another server; "
    assert said == f"{begin}expected a slot that stays"


def test_a_slot_that_has_moved_is_found_again(nodes: Nodes) -> None:
    key = "moved"
    source, target = nodes.owner(key), _others(nodes, key)
    seed = trouble.Server(trouble.REDIS, Address(nodes.servers[0].ip, 6379))
    batch = Batch(key, [("LLEN", key)])
    with Cluster(seed, Access(Login(), None, 0, 5.0)) as cluster:
        assert cluster.ask([batch]) == [[0]]
        ids, slot = nodes.ids(), str(slot_of(key))
        for server in (target, source, *nodes.servers):
            server("CLUSTER", "SETSLOT", slot, "NODE", ids[target.ip])
        target("RPUSH", key, "a", "b")
        assert cluster.ask([batch]) == [[2]]


def test_a_server_that_is_away(nodes: Nodes) -> None:
    # The last test of this cluster: it does not come back.
    key = next(queue["name"] for queue in LISTS if nodes.owner(queue["name"]).ip != nodes.servers[0].ip)
    server = nodes.owner(key)
    address = f"{server.ip}:6379"
    server.container.stop()
    said = problem(url=nodes.url, cluster=True, timeout=1, queues=[{"name": key, "type": "list"}])
    assert said.startswith(f"url: Redis at {address} gives no answer: ")
