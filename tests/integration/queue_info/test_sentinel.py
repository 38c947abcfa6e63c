# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A Redis that Sentinel names."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.queue.refusals import RULES
from ansible_collections.bunops.platform.tests.integration.queue_info.asking import measured, problem
from ansible_collections.bunops.platform.tests.integration.queue_info.servers import Network, Server
from ansible_collections.bunops.platform.tests.integration.queue_meter.waiting import eventually

QUEUES = [{"name": "todo", "type": "list"}]
PASSWORD = "password-for-the-sentinel"
RULE = "+sentinel|get-master-addr-by-name"


@pytest.fixture(scope="module")
def sentinel(servers: Network, server: Server) -> Server:
    """Watches the Redis as ``shop``; its own user ``asker`` may ask for nothing else than that."""
    server("RPUSH", "todo", "a", "b")
    return servers.sentinel("sentinel", "shop", server, f"user asker on >{PASSWORD} -@all {RULE}")


def asking(*sentinels: Server, **more: Any) -> dict[str, Any]:
    return {"addresses": [f"{each.ip}:26379" for each in sentinels], "service": "shop", **more}


def test_it_names_the_redis(sentinel: Server) -> None:
    assert measured(sentinel=asking(sentinel), queues=QUEUES)[0]["waiting"] == 2


def test_the_url_names_a_database(sentinel: Server) -> None:
    assert measured(sentinel=asking(sentinel), url="redis:///1", queues=QUEUES)[0]["exists"] is False


def test_one_that_may_ask_for_the_address_alone(sentinel: Server, server: Server) -> None:
    server("ACL", "SETUSER", "measurer", "reset", "on", ">secret-of-redis", "-@all", "~todo", *RULES["list"].split())
    login = {"username": "asker", "password": PASSWORD}
    own = {"username": "measurer", "password": "secret-of-redis"}
    assert measured(sentinel=asking(sentinel, **login), **own, queues=QUEUES)[0]["waiting"] == 2


def test_a_user_who_may_not(sentinel: Server) -> None:
    sentinel.cli("ACL", "SETUSER", "stranger", "on", f">{PASSWORD}", "-@all")
    said = problem(sentinel=asking(sentinel, username="stranger", password=PASSWORD), queues=QUEUES)
    assert said.startswith("sentinel.username: the user stranger may not run SENTINEL GET-MASTER-ADDR-BY-NAME; ")
    assert said.endswith(f'expected the ACL rule "{RULE}"')


def test_a_wrong_password(sentinel: Server) -> None:
    said = problem(sentinel=asking(sentinel, username="asker", password="wrong-one"), queues=QUEUES)
    end = (
        f"the user asker of the Sentinel at {sentinel.ip}:26379, or there is no such user; expected the password of one"
    )
    assert said == f"sentinel.password: wrong for {end}"


def test_a_service_that_it_does_not_know(sentinel: Server) -> None:
    said = problem(sentinel={**asking(sentinel), "service": "shoo"}, queues=QUEUES)
    sentence = f"the Sentinel at {sentinel.ip}:26379 knows no service shoo; expected one that it watches"
    assert said == f"sentinel.service: {sentence}"


def test_the_first_one_that_knows_counts(sentinel: Server, server: Server) -> None:
    addresses = ["127.0.0.1:1", f"{server.ip}:6379", f"{sentinel.ip}:26379"]
    assert measured(sentinel={"addresses": addresses, "service": "shop"}, queues=QUEUES)[0]["waiting"] == 2
    said = problem(sentinel={"addresses": addresses[:2], "service": "shop"}, queues=QUEUES).splitlines()
    refused = "the Sentinel at 127.0.0.1:1 gives no answer: connection refused; expected it to run"
    assert said[0] == f"sentinel.addresses: {refused}"
    sentence = "is no Sentinel; expected a Sentinel that tells where a service is"
    assert said[1] == f"sentinel.addresses: the Sentinel at {server.ip}:6379 {sentence}"


def test_after_a_failover_the_new_master_is_asked(servers: Network) -> None:
    first = servers.start("first")
    second = servers.start("second", "--replicaof", f"{first.ip} 6379")
    sentinel = servers.sentinel("elector", "shop", first)
    eventually(lambda: sentinel.cli("SENTINEL", "REPLICAS", "shop").strip() != "", "the replica is known")
    eventually(lambda: "master_link_status:up" in second.cli("INFO", "replication"), "it follows")
    first("RPUSH", "todo", "a")
    eventually(lambda: second("LLEN", "todo") == 1, "it has the job")
    eventually(lambda: _fails_over(sentinel), "the failover begins")
    address = ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "shop"]
    eventually(lambda: second.ip in sentinel.cli(*address), "the replica is the master")
    eventually(lambda: "role:master" in second.cli("INFO", "replication"), "it knows that")
    second("RPUSH", "todo", "b")
    first.container.stop()
    found = measured(sentinel=asking(sentinel), queues=QUEUES)
    # The Sentinel would take whoever gets the address next for the former master.
    sentinel.container.remove(force=True)
    assert found[0]["waiting"] == 2


def _fails_over(sentinel: Server) -> bool:
    return sentinel.cli("SENTINEL", "FAILOVER", "shop").strip() == "OK"


def test_a_master_that_is_away(servers: Network) -> None:
    gone = servers.start("gone")
    sentinel = servers.sentinel("left", "shop", gone)
    address = f"{gone.ip}:6379"
    gone.container.stop()
    said = problem(sentinel=asking(sentinel), timeout=1, queues=QUEUES)
    assert said.startswith(f"url: Redis at {address} gives no answer: ")
